"""One tree of errors, named for who must act.

    DeskError
    ├── ConfigError            the operator mends a file: `file`, `key` and `line` say where
    ├── DataError              data is missing, stale or contradictory: nothing new is opened on it
    │   ├── StaleDataError     the newest value is older than the desk allows
    │   ├── IntentTextError    a text is no intent: `rule` names what it broke
    │   └── FetchError         a public page was not read: `rule` names why
    ├── VenueError             the exchange did not do what was asked
    │   ├── VenueRejectedError     it said no, with a code: do not repeat the same request
    │   ├── VenueUnavailableError  it was not reached: nothing was accepted, a later try may pass
    │   └── OutcomeUnknownError    it may or may not have accepted: only query, never send again
    ├── GuardError             the guard could not be asked, or answered what it must not
    │   └── GuardUnreachableError  no guard answers: nobody decided, so nothing is done
    ├── JournalError           a durable record is missing, torn or altered
    │   └── UnwritableError        it is sound, but nothing can be added: a full disk, a read-only folder
    ├── ModelError             a model was down or refused: that agent abstains
    │   ├── ModelTimeoutError      it did not answer in its time
    │   ├── ModelMalformedError    it answered what does not parse; nothing is repaired
    │   ├── FormRefusedError       it does not take a question of this form, and read nothing: another form may pass
    │   └── BudgetSpentError       the decision's budget for models is used up
    ├── ToolRefusedError       a model misused a tool, which did not run: `code` for counting, the message for the model
    └── PrerequisiteError      the machine or the set-up lacks something the command needs

Every error carries one clear sentence and, where the reader can act, a `hint`.
"""

from __future__ import annotations


class DeskError(Exception):
    """Base of every error the desk raises on purpose: one sentence, and a hint the reader can act on."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(DeskError):
    """The operator's configuration is wrong. Printed as `file:line: key: message`."""

    def __init__(self, message: str, *, file: str, key: str = "", line: int | None = None, hint: str = "") -> None:
        where = file if line is None else f"{file}:{line}"
        super().__init__(f"{where}: {key}: {message}" if key else f"{where}: {message}", hint=hint)
        self.file = file
        self.key = key
        self.line = line


class DataError(DeskError):
    """Market or account data is missing, malformed or contradictory."""


class StaleDataError(DataError):
    """The newest value is older than the desk allows for opening exposure."""


class IntentTextError(DataError):
    """A text is not an intent. `rule` names the rule of the grammar that it broke."""

    def __init__(self, message: str, *, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


class FetchError(DataError):
    """A public page was not read, or not in full. `rule` names the bound that it broke, or `unreachable`."""

    def __init__(self, message: str, *, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


class VenueError(DeskError):
    """The exchange did not do what was asked."""


class VenueRejectedError(VenueError):
    """The exchange refused with a code (Binance's, negative). Repeating the same request is wrong."""

    def __init__(self, message: str, *, code: int, hint: str = "") -> None:
        super().__init__(f"{message} (code {code})", hint=hint)
        self.code = code


class VenueUnavailableError(VenueError):
    """The exchange was not reached, or said it accepted nothing. A later try may pass."""


class OutcomeUnknownError(VenueError):
    """The request may or may not have been accepted. Query by client id; never send it again."""


class GuardError(DeskError):
    """The guard answered something it must not, or refused to serve."""


class GuardUnreachableError(GuardError):
    """No guard answers. Nobody decided, so nothing is done."""


class JournalError(DeskError):
    """A durable record is missing, torn or altered; `position` is the first row that does not verify."""

    def __init__(self, message: str, *, position: int | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.position = position


class UnwritableError(JournalError):
    """Nothing can be added to a durable record: the disk is full or the folder read-only. What it holds is sound."""


class ModelError(DeskError):
    """A model was slow, down or malformed. The agent that asked it abstains."""


class ModelTimeoutError(ModelError):
    """A model did not answer in its time."""


class ModelMalformedError(ModelError):
    """A model's answer does not parse as what was asked for. Nothing is repaired."""


class FormRefusedError(ModelError):
    """An endpoint does not take a question of this form and read nothing of it; asked in another form, it may."""


class BudgetSpentError(ModelError):
    """The decision's budget of requests or tokens is used up."""


class ToolRefusedError(DeskError):
    """A model misused a tool and the tool did not run. `code` is for counting, the message is for the model."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class PrerequisiteError(DeskError):
    """The machine or the set-up lacks something this command needs."""
