"""Names of languages in forms, and their codes in questionnaires."""

import re

NAMES = {
    "en": "English", "zh": "中文", "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "fr": "Français", "de": "Deutsch",
    "es": "Español", "pt": "Português", "ru": "Русский", "ar": "العربية", "ja": "日本語", "ko": "한국어",
    "it": "Italiano", "ca": "Català", "nl": "Nederlands", "tr": "Türkçe", "vi": "Tiếng Việt", "id": "Bahasa Indonesia",
    "pl": "Polski",
}  # fmt: skip
_ENGLISH = {
    "english": "en", "chinese": "zh", "mandarin": "zh", "simplified chinese": "zh-Hans",
    "traditional chinese": "zh-Hant",
    "french": "fr", "german": "de", "spanish": "es", "portuguese": "pt", "russian": "ru", "arabic": "ar",
    "japanese": "ja",
    "korean": "ko", "italian": "it", "catalan": "ca", "dutch": "nl", "turkish": "tr", "vietnamese": "vi",
    "indonesian": "id", "polish": "pl", "swahili": "sw", "hindi": "hi", "bengali": "bn", "urdu": "ur", "nepali": "ne",
    "kiswahili": "sw", "hausa": "ha", "amharic": "am", "somali": "so", "yoruba": "yo", "zulu": "zu",
    "afrikaans": "af", "persian": "fa", "farsi": "fa", "dari": "prs", "pashto": "ps", "kurdish": "ku", "hebrew": "he",
    "ukrainian": "uk", "czech": "cs", "slovak": "sk", "hungarian": "hu", "romanian": "ro", "bulgarian": "bg",
    "greek": "el", "serbian": "sr", "croatian": "hr", "swedish": "sv", "norwegian": "no", "danish": "da",
    "finnish": "fi", "thai": "th", "khmer": "km", "lao": "lo", "burmese": "my", "malay": "ms", "tagalog": "tl",
    "filipino": "fil", "mongolian": "mn", "kazakh": "kk", "uzbek": "uz", "tibetan": "bo", "uyghur": "ug",
    "uighur": "ug", "tamil": "ta", "telugu": "te", "marathi": "mr", "gujarati": "gu", "punjabi": "pa", "sinhala": "si",
    "haitian creole": "ht", "creole": "ht", "हिन्दी": "hi", "বাংলা": "bn", "اردو": "ur", "नेपाली": "ne", "فارسی": "fa",
    "українська": "uk", "ไทย": "th", "монгол": "mn", "castellano": "es", "brazilian portuguese": "pt-BR",
    "中文": "zh", "汉语": "zh", "英文": "en", "英语": "en", "简体中文": "zh-Hans",
    "繁體中文": "zh-Hant", "繁体中文": "zh-Hant",
}  # fmt: skip
_CODE = re.compile(r"[a-z]{2,3}([-_][A-Za-z0-9]+)*")
UNNAMED = "und"
"""ISO 639's code of a language that is not known."""


def language_name(code: str) -> str:
    """Return the name of a language as XLSForm wants it: ``English (en)``."""
    return f"{NAMES.get(code, code)} ({code})"


def language_code(name: str) -> str:
    """Return the code of a language that a form calls ``name``: ``English (en)``, ``English``, ``en``.

    A name that nobody knows becomes ``und-<name>``.
    """
    name = name.strip()
    found = re.fullmatch(r".*\(([^()]+)\)", name)
    code = (found.group(1) if found else name).strip()
    by_name = {known.casefold(): key for key, known in NAMES.items()} | _ENGLISH
    if code.casefold() in by_name:
        return by_name[code.casefold()]
    if _CODE.fullmatch(code):
        return code.replace("_", "-")
    word = re.sub(r"[^A-Za-z0-9]+", "", code)
    return f"{UNNAMED}-{word}" if word else UNNAMED
