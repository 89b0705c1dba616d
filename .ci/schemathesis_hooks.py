"""What Schemathesis cannot know from /openapi.json: how to read tables and lines, and what requests need beside their schema."""

import csv
import io
import json
import zlib

import schemathesis


@schemathesis.deserializer("text/csv")
def read_table(_context, response):
    """The rows of a table (RFC 4180) by column. Ragged rows, columns of one name and bare line ends are errors."""
    text = response.content.decode("utf-8")
    if not text.endswith("\r\n"):
        raise ValueError("the last line has no CRLF")
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    if len(set(header)) != len(header):
        raise ValueError(f"two columns have one name: {header}")
    for number, row in enumerate(rows, 1):
        if len(row) != len(header):
            raise ValueError(f"row {number} has {len(row)} cells, the header has {len(header)}")
    return [dict(zip(header, row)) for row in rows]


@schemathesis.deserializer("application/x-ndjson")
def read_lines(_context, response):
    """The values of NDJSON, one a line, each line ended."""
    text = response.content.decode("utf-8")
    if text and not text.endswith("\n"):
        raise ValueError("the last line is not ended")
    return [json.loads(line) for line in text.split("\n")[:-1]]


@schemathesis.hook
def before_call(context, case, kwargs):
    """Requests that the schema calls good ask for each media type in turn: without Accept all answers would be JSON."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    media = answered_media(case.operation)
    if media and "Accept" not in case.headers:
        case.headers["Accept"] = media[mark(case) % len(media)]


def answered_media(operation):
    """The media types that successes of the operation are described in."""
    answers = operation.definition.raw.get("responses", {})
    content = [list(answer.get("content", {})) for status, answer in answers.items() if status.startswith("2")]
    return sorted(set(sum(content, [])))


def mark(case):
    """A number that is the same whenever the request is."""
    return zlib.crc32(repr((case.path_parameters, case.query, case.body)).encode("utf-8", "surrogatepass"))
