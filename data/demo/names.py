"""Believable names by country, each pair once, and the e-mail addresses made of them."""

import random
import unicodedata

from data.demo.company import CONTENT, read_yaml

FOLDED = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ß": "ss", "æ": "ae", "Æ": "Ae", "ı": "i", "'": ""})


class Names:
    """Draws names without repeating one; the addresses stay unique by a number behind the rare doubles."""

    def __init__(self, rng: random.Random, domain: str) -> None:
        self._rng = rng
        self._domain = domain
        self._lists = read_yaml(CONTENT / "names.yml")
        self._names: set[str] = set()
        self._emails: set[str] = set()

    def draw(self, country: str) -> tuple[str, str]:
        """(display name, e-mail)."""
        for _ in range(60):
            name = self._one(country)
            if name not in self._names:
                break
        self._names.add(name)
        return name, self._email(name)

    def _one(self, country: str) -> str:
        gender = self._rng.choice(("men", "women"))
        forms = self._rng.choice(self._lists[country]["family"]).split("/")
        return f"{self._rng.choice(self._lists[country][gender])} {forms[0] if gender == 'men' else forms[-1]}"

    def _email(self, name: str) -> str:
        plain = unicodedata.normalize("NFKD", name.translate(FOLDED)).encode("ascii", "ignore").decode().lower()
        local = ".".join(plain.split())
        email, number = f"{local}@{self._domain}", 2
        while email in self._emails:
            email, number = f"{local}{number}@{self._domain}", number + 1
        self._emails.add(email)
        return email
