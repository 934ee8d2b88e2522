// What the video player says, in the reader's language.
import { gettext as _ } from "/static/lib/i18n.js";

export const words = () => ({
  play: _("Play"), pause: _("Pause"), rewind: _("Rewind {seektime}s"), fastForward: _("Forward {seektime}s"), seek: _("Seek"),
  seekLabel: _("{currentTime} of {duration}"), played: _("Played"), buffered: _("Buffered"), currentTime: _("Current time"),
  duration: _("Duration"), volume: _("Volume"), mute: _("Mute"), unmute: _("Unmute"), enableCaptions: _("Show captions"),
  disableCaptions: _("Hide captions"), enterFullscreen: _("Full screen"), exitFullscreen: _("Leave full screen"),
  frameTitle: _("Player for {title}"), captions: _("Captions"), settings: _("Settings"), pip: _("Picture in picture"),
  menuBack: _("Back to the menu before"), speed: _("Speed"), normal: _("Normal"), quality: _("Quality"), disabled: _("Off"), enabled: _("On"),
  automatic: _("Automatic"),
});
