"""The least that FastAPI can do: the limit for a request without a database."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/hello")
async def hello() -> dict[str, bool]:
    return {"hello": True}
