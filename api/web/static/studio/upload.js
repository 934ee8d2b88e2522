// Resumable uploads (tus 1.0): goes on after a lost connection, a restarted server and, for the same file, a reload.
import "../vendor/tus-js-client/tus.min.js";

const { tus } = window;
const PATHS = { video: "/upload-video", material: "/upload-material" };
const PIECE = 64 * 1024 * 1024; // smaller than what most proxies let through in one request
const DELAYS = [0, 1000, 3000, 5000, 10000, ...Array(60).fill(20000)]; // about twenty minutes without any progress
const WORTH_ANOTHER_TRY = new Set([0, 408, 409, 423, 425, 429, 460]);

/**
 * Uploads a File and calls back:
 *   onProgress({ sent, total, percent, bytesPerSecond, etaSeconds })  bytes that left, not yet confirmed
 *   onState("uploading" | "waiting" | "paused" | "checking")          waiting: for the connection or the server
 *   onDone({ assetId })                                               it is kept and may still be processed
 *   onError({ title, detail, status })                                a sentence for the person; nothing was kept
 * `kind` is "video" or "material". Returns { pause(), resume(), abort() }; abort() forgets it at the server too.
 */
export function startUpload({ file, kind, onProgress, onDone, onError, onState }) {
  const say = onState ?? (() => {});
  const pace = meter();
  let isPaused = false;
  let isOver = false;
  let answered = 0; // status of the last answer; 0 where there was none

  const upload = new tus.Upload(file, {
    endpoint: new URL(PATHS[kind], location.href).href,
    chunkSize: PIECE,
    retryDelays: DELAYS,
    removeFingerprintOnSuccess: true,
    metadata: { filename: file.name, filetype: file.type },
    onBeforeRequest() {
      answered = 0;
    },
    onAfterResponse(request, response) {
      answered = response.getStatus();
      const isGone = [404, 410].includes(answered);
      if (request.getMethod() === "HEAD" && answered >= 400 && !isGone && answered !== 423) {
        // tus-js-client would begin anew here; the server is only busy, or the person signed out
        throw new Error(`The server answered ${answered}.`);
      }
    },
    onShouldRetry() {
      const again = WORTH_ANOTHER_TRY.has(answered) || answered >= 500;
      if (again) say("waiting");
      return again;
    },
    onProgress(sent, total) {
      const { bytesPerSecond } = pace(sent);
      say(sent < total ? "uploading" : "checking");
      const etaSeconds = bytesPerSecond ? Math.ceil((total - sent) / bytesPerSecond) : null;
      onProgress?.({ sent, total, percent: total ? (100 * sent) / total : 0, bytesPerSecond, etaSeconds });
    },
    onSuccess() {
      end();
      onDone?.({ assetId: upload.url.split("/").pop() });
    },
    onError(error) {
      end();
      onError?.(explain(error, answered));
    },
  });

  function end() {
    isOver = true;
    window.removeEventListener("online", backOnline);
  }

  function backOnline() {
    if (!isPaused && !isOver) upload.abort().then(() => upload.start());
  }

  async function begin() {
    const earlier = await upload.findPreviousUploads();
    if (earlier.length) upload.resumeFromPreviousUpload(earlier[0]);
    if (!isPaused && !isOver) upload.start();
  }

  window.addEventListener("online", backOnline);
  say("uploading");
  begin();

  return {
    async pause() {
      if (isOver || isPaused) return;
      isPaused = true;
      await upload.abort();
      say("paused");
    },
    resume() {
      if (isOver || !isPaused) return;
      isPaused = false;
      say("uploading");
      upload.start();
    },
    async abort() {
      if (isOver) return;
      end();
      await upload.abort(true).catch(() => {}); // what the server doesn't hear of expires there
    },
  };
}

/** Bytes a second over the last few seconds. */
function meter() {
  const seen = [];
  return (sent) => {
    const now = performance.now();
    seen.push([now, sent]);
    while (seen.length > 2 && now - seen[0][0] > 5000) seen.shift();
    const [then, before] = seen[0];
    return { bytesPerSecond: now > then ? Math.max(0, ((sent - before) * 1000) / (now - then)) : 0 };
  };
}

function explain(error, status) {
  const told = error.originalResponse?.getBody() ?? "";
  try {
    const { title, detail } = JSON.parse(told);
    if (detail) return { title, detail, status };
  } catch {
    // no problem document: a proxy's page, or no answer at all
  }
  if (status === 401) {
    return { title: "Signed out", detail: "Sign in again in another tab, then choose the same file: it goes on.", status };
  }
  const detail = "The server can't be reached. Choose the same file again later: the upload goes on where it stopped.";
  return { title: "The upload stopped", detail, status };
}
