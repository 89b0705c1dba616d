"""What Schemathesis cannot know from /openapi.json: how to read tables and lines, and what requests need beside their schema."""

import csv
import io
import json
import zlib
from urllib.parse import unquote

import requests
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


@schemathesis.serializer("application/x-ndjson")
def write_lines(_context, value):
    items = value if isinstance(value, list) else [value]
    return "".join(json.dumps(item) + "\n" for item in items).encode("utf-8")


@schemathesis.check
def items_of_good_batches_are_taken(_context, response, case):
    """207 tells of items alone: of good ones none is refused but for what is there, or is not (clause 5.2.17)."""
    if response.status_code != 207 or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    errors = [item["error"] for item in response.json().get("errors", [])]
    refused = [error for error in errors if error["status"] not in (404, 409)]
    assert not refused, f"good items were refused: {refused[:3]}"


# OpenAPI describes each parameter alone, and each schema without what the broker holds. What belongs together beyond that is
# put together here, in requests that the schema calls good: they must then be accepted. Requests that it calls wrong go as they are.

CORE_CONTEXT = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld"
NULL = "urn:ngsi-ld:null"
CONTEXT_REL = "http://www.w3.org/ns/json-ld#context"

GAUGE = {"id": "urn:ngsi-ld:TideGauge:LeConquet", "type": "TideGauge", "waterLevel": 4.2}
SUBSCRIPTION = {
    "type": "Subscription",
    "entities": [{"type": "TideGauge"}],
    "notification": {"endpoint": {"uri": "http://127.0.0.1:9/low-water"}},
}

PLACES = {"Point": (0, 1), "MultiPoint": (1, 1), "LineString": (1, 2)}
PLACES |= {"MultiLineString": (2, 2), "Polygon": (2, 3), "MultiPolygon": (3, 3)}


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    ask_for_media(case)
    make_tenant(case)
    name_what_is_there(case)
    find_no_other_kind(case)
    link_to_context(case)
    complete_body(case)
    if case.query:
        complete_query(case.query, case.headers.get("Accept"), case.operation)


def ask_for_media(case):
    """Each described media type in turn: without Accept all answers would be JSON."""
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


made_tenants = {""}


def make_tenant(case):
    """A tenant is there from its first write on: before, reads are answered 404 (clause 5.5.10)."""
    tenant = case.headers.get("NGSILD-Tenant", "")
    if tenant not in made_tenants:
        made_tenants.add(tenant)
        make(case, "/entityOperations/upsert", [GAUGE])


def make(case, path, body):
    """Creates something that the request can be about, in its tenant. What is there already will do."""
    url = case.operation.base_url.rstrip("/") + "/ngsi-ld/v1" + path
    headers = {"NGSILD-Tenant": case.headers.get("NGSILD-Tenant", "")}
    answer = requests.post(url, json=body, headers=headers, timeout=10)
    if answer.status_code != 409:
        answer.raise_for_status()
    return answer.headers.get("Location", "").split("/")[-1]


def name_what_is_there(case):
    """Every other path is one of something that exists: generated ids hardly ever are."""
    variables = case.path_parameters
    # What a subscription may become depends on what it is: changes are those of a new one.
    if not variables or (mark(case) % 2 and case.operation.definition.raw["operationId"] != "updateSubscription"):
        return
    if "entityId" in variables:
        make(case, "/entityOperations/upsert", [GAUGE])
        variables["entityId"] = GAUGE["id"]
        if "If-Match" in case.headers:
            case.headers["If-Match"] = "*"
    if "attrId" in variables:
        variables["attrId"] = "waterLevel"
    if "type" in variables:
        variables["type"] = GAUGE["type"]
    if "subscriptionId" in variables:
        variables["subscriptionId"] = make(case, "/subscriptions", SUBSCRIPTION)
    if "contextId" in variables:
        variables["contextId"] = make(case, "/jsonldContexts", {"@context": {"level": "https://littoral.example/level"}})


OF_OTHER_KINDS = {"object", "objectType", "objectList", "languageMap", "vocab", "valueList", "json"}


def find_no_other_kind(case):
    """A fragment has to be of the kind of what is there (clause 5.6.4), which is a Property."""
    if "attrId" in (case.path_parameters or {}) and isinstance(case.body, dict) and OF_OTHER_KINDS & set(case.body):
        case.path_parameters["attrId"] = "absent"


def link_to_context(case):
    """A context that is linked to must be there: the core @context always is."""
    if CONTEXT_REL in case.headers.get("Link", ""):
        case.headers["Link"] = f'<{CORE_CONTEXT}>; rel="{CONTEXT_REL}"; type="application/ld+json"'


def complete_body(case):
    if isinstance(case.body, (dict, list)):
        case.body = completed(case.body)
    if isinstance(case.body, dict):
        # An id in the body is that of the path.
        for variable in ("entityId", "subscriptionId"):
            if "id" in case.body and variable in case.path_parameters:
                case.body["id"] = unquote(case.path_parameters[variable])
        # Subscriptions end in the future (clause 5.8.1.4), and `*` is for local ones (clause 5.2.12).
        if "/subscriptions" in case.path:
            if (case.body.get("expiresAt") or NULL) != NULL:
                case.body["expiresAt"] = "2999-12-31T00:00:00Z"
            if (case.body.get("jsonldContext") or NULL) != NULL:
                case.body["jsonldContext"] = CORE_CONTEXT
            if any(selector.get("type") == "*" for selector in case.body.get("entities", [])):
                case.body["localOnly"] = True
        if case.body.get("type") == "Query":
            # Too wide a query is refused, and an order needs all entities at hand (clause 5.7.2.4).
            case.query["local"] = "true"
            case.query.pop("cursor", None)


def completed(value):
    """Contexts that are there, and one instance of an attribute for each datasetId (clause 4.5.5.1)."""
    if isinstance(value, list):
        return without_doubles([completed(item) for item in value])
    if not isinstance(value, dict):
        return value
    rest = {name: completed(inner) for name, inner in value.items() if name != "@context"}
    return rest if "@context" not in value else {**rest, "@context": available(value["@context"])}


def available(context):
    if isinstance(context, list):
        return [available(item) for item in context]
    if isinstance(context, str):
        return CORE_CONTEXT
    # What an IRI may hold beside ASCII, JSON-LD processors do not agree on.
    return {term: iri for term, iri in context.items() if iri.isascii()} if isinstance(context, dict) else context


def without_doubles(items):
    if not any(isinstance(item, dict) and "type" in item for item in items) or any("id" in item for item in items):
        return items
    return list({str(item.get("datasetId", "@none")): item for item in reversed(items)}.values())


def complete_query(query, accept, operation):
    known = {parameter.name for parameter in operation.query}
    if {"georel", "geometry", "coordinates"} & set(query) and "georel" in known:
        complete_geometry(query, "geometry", "coordinates")
        query.setdefault("georel", "within")
    if "orderBy" in known:
        complete_order(query)
    if accept != "application/geo+json":
        # Of answers it is a part of GeoJSON alone (clause 5.7.2.4).
        query.pop("geometryProperty", None)
    if str(query.get("limit")) == "0":
        query["count"] = "true"
    # Only Cached contexts can be reloaded, and no other server is there to have one from.
    query.pop("reload", None)
    if "keep" in query:
        query.pop("drop", None)
    # Of dead letters there are no pages here, so that no cursor is one; and what changed has changed before now.
    if "notification" in known:
        query.pop("cursor", None)
    if "since" in query:
        query["since"] = "2019-05-01T00:00:00Z"
    # Too wide a query is refused, and `*` contradicts local=false (clauses 5.7.2.4, 4.17).
    if "idPattern" in known and query.get("type", "*") == "*":
        query["local"] = "true"


def complete_order(query):
    if {"orderFrom", "orderGeometry", "collation"} & set(query):
        query.setdefault("orderBy", "location;dist-asc")
    if "orderBy" not in query:
        return
    # Only where all entities are at hand is there an order, and no cursor in it (clause 5.7.2.4).
    query["local"] = "true"
    query.pop("cursor", None)
    if "dist-" in query["orderBy"] or "orderGeometry" in query:
        query.setdefault("orderFrom", "[-4.495,48.383]")
    if "orderFrom" in query:
        complete_geometry(query, "orderGeometry", "orderFrom")


def complete_geometry(query, geometry, coordinates):
    """The type of a geometry is one that its coordinates can be of."""
    positions = json.loads(query.setdefault(coordinates, "[-4.495,48.383]"))
    depth, fewest = depth_of(positions), fewest_of(positions)
    fitting = [name for name, (deep, few) in PLACES.items() if deep == depth and few <= fewest]
    if query.get(geometry) not in fitting:
        query[geometry] = fitting[0]


def depth_of(positions):
    return 0 if isinstance(positions[0], (int, float)) else 1 + depth_of(positions[0])


def fewest_of(positions):
    """How many positions the shortest line has."""
    depth = depth_of(positions)
    return 1 if depth == 0 else len(positions) if depth == 1 else min(map(fewest_of, positions))
