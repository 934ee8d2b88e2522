"""Settings of mail: through which server, from whom, and by whose clock where a person's is unknown."""

from pydantic_settings import BaseSettings


class MailSettings(BaseSettings):
    """Part of Settings; docs/notifications.md explains each of them."""

    smtp_url: str = ""
    """smtp://user:password@host:587 or smtps://…:465; PRAXIS_SMTP_URL_FILE names a file with it. Empty: no mail."""
    mail_from: str = ""
    """`Name <address>` that mails come from; Praxis <no-reply@the API's host> where nothing is said."""
    time_zone: str = "UTC"
    """IANA name, of people whose own time zone nobody knows yet."""
    report_attachment_mb: float = 10
    """Of a scheduled report's file: a larger one is not attached but waits on its reader's page; 0: none is."""
