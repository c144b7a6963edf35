"""The core metadata file of a distribution (`METADATA`), as an index offers it beside the file (PEP 658)."""

from email import policy
from email.parser import BytesParser

from knowledge_base.refresh import values
from knowledge_base.refresh.project import Information, Unreadable

_HOMES = ("Home-page", "Download-URL")


def information(body: bytes) -> Information:
    """What the metadata say.

    Raises:
        Unreadable: it is no metadata file.
    """
    message = BytesParser(policy=policy.compat32).parsebytes(body, headersonly=True)
    if not message.get("Metadata-Version") or not message.get("Name"):
        raise Unreadable("the metadata of the newest release cannot be read")
    labelled = [str(each).partition(",")[2] for each in message.get_all("Project-URL", [])]
    links = [*(str(message[key]) for key in _HOMES if message.get(key)), *labelled]
    classifiers = [values.text(str(each)) for each in message.get_all("Classifier", [])]
    return Information(
        version=values.text(message.get("Version")),
        summary=values.text(message.get("Summary")),
        addresses=tuple(link for each in links if (link := values.text(each))),
        licence_expression=values.text(message.get("License-Expression")),
        licence_text=values.first_line(message.get("License")),
        classifiers=tuple(each for each in classifiers if each),
        requires_python=values.text(message.get("Requires-Python")),
    )
