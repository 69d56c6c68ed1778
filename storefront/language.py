"""The sentences that people read: gettext catalogues, loaded once a language."""

from __future__ import annotations

import gettext
from pathlib import Path

from preorder.salutation import Salutation, addressed

DOMAIN = "etalase"


def translations(templates: Path, language: str, salutation: Salutation = Salutation.KAKAK) -> gettext.NullTranslations:
    """
    Give the catalogue of a language.

    Args:
        templates: the folder whose translations/ holds them.
        salutation: the shop's, for what buyers read.

    Returns:
        For "en" the sentences themselves: they are written in English.

    Raises:
        OSError: there is no compiled catalogue of this language.
    """
    if language == "en":
        return gettext.NullTranslations()
    return addressed(gettext.translation(DOMAIN, templates / "translations", [language]), language, salutation)
