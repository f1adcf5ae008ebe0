"""The one error that services raise; screens and commands turn its code into a sentence."""


class KioskError(Exception):
    """Something that a person must be told.

    Args:
        code: Names the sentence to show; see ``kiosk.sentences``.
        params: What the sentence mentions. Never a customer's data.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        """The code and its parameters, for logs."""
        details = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code} ({details})" if details else self.code
