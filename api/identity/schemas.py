"""What goes over the wire when somebody signs in."""

from pydantic import BaseModel, ConfigDict, EmailStr, Field


class SessionIn(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"email": "ada@example.com", "password": "secret"}})

    email: EmailStr
    password: str = Field(min_length=1, max_length=200)


class SessionOut(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "access_token": "eyJhbGciOi…",
                "token_type": "Bearer",
                "expires_in": 28800,
                "roles": ["employee", "manager"],
            }
        }
    )

    access_token: str
    token_type: str = "Bearer"  # noqa: S105
    expires_in: int = Field(description="Seconds until the token ends.")
    roles: list[str]
