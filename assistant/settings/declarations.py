"""Every setting, once. The order is the order of the dialog."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.i18n import N_
from assistant.settings.kinds import Effect, Setting, choice, flag, folder, number, text, whole

AUTOMATIC = N_("Automatic")


@dataclass(frozen=True)
class Section:
    """A page of the dialog and a table of the file; ``is_shown`` is False for what the window remembers by itself."""

    id: str
    label: str
    is_shown: bool = True


SECTIONS = (
    Section("appearance", N_("Appearance")),
    Section("chat", N_("Chat")),
    Section("sampling", N_("Sampling")),
    Section("model", N_("Model")),
    Section("network", N_("Network")),
    Section("window", N_("Window"), is_shown=False),
)

_THEMES = {"system": N_("As the system"), "light": N_("Light"), "dark": N_("Dark")}
_LANGUAGES = {"system": N_("As the system"), "en": "English", "zh_CN": "简体中文"}

# fmt: off
SETTINGS = (
    choice("appearance.theme", "system", _THEMES, N_("Theme")),
    choice("appearance.language", "system", _LANGUAGES, N_("Language")),
    whole("appearance.text_size", 15, 13, 22, N_("Text size"), N_("Of the conversations."), unit=N_("px")),

    text("chat.system_prompt", "", N_("System prompt"),
         N_("Told to the model in every conversation that has none of its own. Empty: nothing."), is_long=True),
    flag("chat.ask_before_opening_links", True, N_("Ask before opening a link"),
         N_("Shows where a link really leads before the browser opens it.")),

    number("sampling.temperature", None, 0, 5, 0.05, N_("Temperature"),
           N_("How freely the next word is chosen. 0 always takes the most likely one.")),
    whole("sampling.top_k", None, 0, 1000, N_("Top k"),
          N_("Only the k most likely words are considered. 0 considers all.")),
    number("sampling.top_p", None, 0, 1, 0.01, N_("Top p"),
           N_("Only the most likely words that together have this probability are considered. 1 considers all.")),
    number("sampling.min_p", None, 0, 1, 0.01, N_("Min p"),
           N_("Words less likely than this share of the most likely one are left out. 0 leaves out none.")),
    number("sampling.repeat_penalty", None, 0.5, 2, 0.05, N_("Repeat penalty"),
           N_("Makes words that were just used less likely. 1 changes nothing.")),
    whole("sampling.max_tokens", None, 0, 1_000_000, N_("Longest answer"),
          N_("An answer ends after so many tokens. 0: when the context is full."), step=64, unit=N_("tokens")),
    whole("sampling.seed", None, -1, 4_294_967_294, N_("Seed"),
          N_("The same seed gives the same answer to the same question. −1 draws a new one each time.")),

    text("model.default", "", N_("Default model"), N_("Loaded at the start. Empty: the starter model.")),
    whole("model.context_length", 0, 256, 4_194_304, N_("Context length"),
          N_("How much of a conversation the model sees. More needs more memory."),
          step=256, unit=N_("tokens"), special=(0, AUTOMATIC), takes_effect=Effect.NEXT_LOAD),
    whole("model.gpu_layers", -1, 0, 1000, N_("Layers on the GPU"),
          N_("Automatic uses the GPU when the model fits there."),
          special=(-1, AUTOMATIC), takes_effect=Effect.NEXT_LOAD),

    folder("model.folder", N_("Folder for models"),
           N_("Where downloads are kept. Empty: Inkstone's own folder. What is elsewhere already stays there.")),

    flag("network.offline", False, N_("Work offline"),
         N_("Nothing is fetched or sent. Chats with models on this computer go on as before.")),
    whole("network.parallel_downloads", 2, 1, 4, N_("Downloads at once"), N_("The others wait for their turn.")),
    flag("network.resume_downloads", True, N_("Go on with downloads at the start"),
         N_("Those that were running when Inkstone ended. Otherwise they wait until you resume them.")),
    text("network.endpoint", "", N_("Mirror"),
         N_("The address of another model hub with the same contents. Empty: Hugging Face itself.")),
    text("network.proxy", "", N_("Proxy"),
         N_("Such as http://localhost:8080 or socks5://localhost:1080. Empty: as the system says; none: no proxy.")),

    text("window.geometry"),
    flag("window.sidebar_visible", True),
    flag("window.inspector_visible", False),
    flag("window.welcomed", False),
)
# fmt: on

_BY_NAME = {declared.name: declared for declared in SETTINGS}


def setting(name: str) -> Setting:
    """Return the declaration of ``name``. Raises KeyError for a name nobody declared."""
    return _BY_NAME[name]


def settings_of(section: str) -> tuple[Setting, ...]:
    """Return the settings of a section, in the order of the dialog."""
    return tuple(declared for declared in SETTINGS if declared.section == section)
