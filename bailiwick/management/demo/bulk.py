"""Makes customers and edges by the hundred thousand inside PostgreSQL, for measurements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from bailiwick.management.demo.load import copy_rows, grant_what_is_used, reserve_ids
from bailiwick.management.demo.words import ENDINGS, FIRST_NAMES, LAST_NAMES, ONSETS, STREETS, TRADES
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.backends.utils import CursorWrapper

    from bailiwick.management.demo.places import Atlas

CUSTOMERS_A_PARTNER, CUSTOMERS_A_POOL, CUSTOMERS_A_PROFILE, CUSTOMERS_A_GATEWAY = 200, 2_000, 1_000, 100
LARGEST_CITIES = 400

# A number in [0, 1) that hangs on the row and the column only: the same rows at every load, whatever the plan.
DICE = """
CREATE OR REPLACE FUNCTION pg_temp.dice(id bigint, salt int) RETURNS float LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
'SELECT (hashint8extended($1, $2) & 2147483647)::float / 2147483648';
CREATE OR REPLACE FUNCTION pg_temp.pick(words text[], id bigint, salt int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
'SELECT $1[1 + ((hashint8extended($2, $3) & 2147483647) % cardinality($1))]';
"""
PLACES = """
DROP TABLE IF EXISTS bailiwick_seed_city;
CREATE TEMP TABLE bailiwick_seed_city (
  number int PRIMARY KEY, name text, key text, country text, latitude float, longitude float, timezone text
) ON COMMIT DROP
"""
NETWORK = """
INSERT INTO bailiwick_partner (id, logical_id, name, name_key, domain, description, created_at, updated_at, version,
  operator_access, operate_gateways, two_factor_required,
  contact_name, contact_email, contact_phone, contact_mobile, street, street_2, city, state, postcode, country)
SELECT id, gen_random_uuid(), name, lower(name), 'partner-' || id || '.example', '', now(), now(), 1,
  true, false, false,
  '', '', '', '', '', '', '', '', '', ''
FROM (SELECT id, pg_temp.pick(%(onsets)s, id, 1) || pg_temp.pick(%(endings)s, id, 2) || ' Networks ' || id AS name
      FROM generate_series(%(partner)s, %(last_partner)s) AS id) made;

INSERT INTO bailiwick_gatewaypool (id, logical_id, name, name_key, is_default)
SELECT id, gen_random_uuid(), 'Pool ' || id, 'pool ' || id, false FROM generate_series(%(pool)s, %(last_pool)s) AS id;

INSERT INTO bailiwick_operatorprofile (id, logical_id, name, name_key, image_id)
SELECT id, gen_random_uuid(), 'Profile ' || id, 'profile ' || id, (SELECT min(id) FROM bailiwick_softwareimage)
FROM generate_series(%(profile)s, %(last_profile)s) AS id;

INSERT INTO bailiwick_gateway (id, logical_id, name, name_key, city, country, latitude, longitude, state, capacity)
SELECT id, gen_random_uuid(), 'gw-' || id, 'gw-' || id, c.name, c.country, c.latitude, c.longitude,
  CASE WHEN pg_temp.dice(id, 1) < 0.05 THEN 'QUIESCED' WHEN pg_temp.dice(id, 1) < 0.10 THEN 'OUT_OF_SERVICE'
       WHEN pg_temp.dice(id, 1) < 0.15 THEN 'PENDING' ELSE 'IN_SERVICE' END, 2000
FROM generate_series(%(gateway)s, %(last_gateway)s) AS id
JOIN bailiwick_seed_city c ON c.number = floor(pg_temp.dice(id, 2) * %(cities)s);

INSERT INTO bailiwick_gateway_pools (gateway_id, gatewaypool_id)
SELECT id, %(pool)s + (id %% (%(last_pool)s - %(pool)s + 1)) FROM generate_series(%(gateway)s, %(last_gateway)s) AS id;
"""
# A fifth are direct; the largest partner holds about 18 of 100, the rest follow Zipf.
CUSTOMERS = """
INSERT INTO bailiwick_customer (id, logical_id, name, name_key, account_number, account_key, domain, domain_key,
  partner_id, gateway_pool_id, operator_profile_id, alerts_enabled, operator_alerts_enabled, edge_image_management,
  bastion_state, edge_authentication, operator_access, partner_access, operator_user_management,
  created_at, updated_at, version)
SELECT id, gen_random_uuid(), name, lower(name), 'S-' || id, 's-' || id, domain, domain,
  CASE WHEN pg_temp.dice(id, 5) >= 0.2
    THEN %(partner)s + floor(power(%(last_partner)s - %(partner)s + 1, power(pg_temp.dice(id, 6), 1.5)))::int - 1 END,
  %(pool)s + floor(pg_temp.dice(id, 7) * (%(last_pool)s - %(pool)s + 1))::int,
  %(profile)s + floor(pg_temp.dice(id, 8) * (%(last_profile)s - %(profile)s + 1))::int,
  pg_temp.dice(id, 9) < 0.8, pg_temp.dice(id, 10) < 0.65, pg_temp.dice(id, 11) < 0.3,
  'UNCONFIGURED', 'CERTIFICATE_OPTIONAL', true, false, false,
  now() - interval '4 years' * pg_temp.dice(id, 12), now(), 1
FROM (
  SELECT id, name,
    CASE WHEN pg_temp.dice(id, 4) < 0.9 THEN replace(lower(name), ' ', '-') || '.example' ELSE '' END AS domain
  FROM (
    SELECT id, pg_temp.pick(%(onsets)s, id, 1) || pg_temp.pick(%(endings)s, id, 2)
      || ' ' || pg_temp.pick(%(trades)s, id, 3) || ' ' || id AS name
    FROM generate_series(%(customer)s, %(last_customer)s) AS id
  ) named
) made
"""
DETAILS = """
INSERT INTO bailiwick_customerdetail (customer_id, partner_id, contact_name, contact_email, contact_phone,
  contact_mobile, street, street_2, city, state, postcode, country, latitude, longitude, description, timezone, locale, services,
  shipping_same_as_location, shipping_contact_name, shipping_street, shipping_street_2, shipping_city, shipping_state,
  shipping_postcode, shipping_country, two_factor_enabled, two_factor_required, self_service_password_reset,
  pci_compliance, operator_sees_sensitive_data, partner_sees_sensitive_data, edge_configuration_updates,
  edge_configuration_updates_on_upgrade)
SELECT u.id, u.partner_id, pg_temp.pick(%(first_names)s, u.id, 21) || ' ' || pg_temp.pick(%(last_names)s, u.id, 22),
  'contact-' || u.id || '@mail.example', '+1 555 ' || lpad((u.id %% 10000)::text, 4, '0'), '',
  (1 + u.id %% 240) || ' ' || pg_temp.pick(%(streets)s, u.id, 23), '', c.name, '', '', c.country, c.latitude,
  c.longitude, '', c.timezone, 'en', '["SDWAN"]', true, '', '', '', '', '', '', '',
  false, false, true, false, false, false, true, true
FROM bailiwick_customer u
JOIN bailiwick_seed_city c ON c.number = floor(pg_temp.dice(u.id, 24) * %(cities)s)
WHERE u.id BETWEEN %(customer)s AND %(last_customer)s ORDER BY u.id
"""
SEARCH = """
INSERT INTO bailiwick_customersearch (customer_id, partner_id, text)
SELECT u.id, u.partner_id, concat_ws(E'\\x1f', u.name_key, u.account_key, u.domain_key, lower(d.contact_name), c.key)
FROM bailiwick_customer u JOIN bailiwick_customerdetail d ON d.customer_id = u.id
JOIN bailiwick_seed_city c ON c.number = floor(pg_temp.dice(u.id, 24) * %(cities)s)
WHERE u.id BETWEEN %(customer)s AND %(last_customer)s ORDER BY u.id
"""
# One in 5,000 customers has 5,000 parts, 10 have 500, 100 have 80, the rest 1 to 20; then cut to the exact number.
SHARES = """
DROP TABLE IF EXISTS bailiwick_seed_share;
CREATE TEMP TABLE bailiwick_seed_share ON COMMIT DROP AS
SELECT id, (floor(sum(weight) OVER upto * %(edges)s / sum(weight) OVER ())
  - floor((sum(weight) OVER upto - weight) * %(edges)s / sum(weight) OVER ()))::int AS edges,
  floor((sum(weight) OVER upto - weight) * %(edges)s / sum(weight) OVER ())::bigint AS before
FROM (
  SELECT id, (CASE WHEN place * 5000 <= total THEN 5000 WHEN place * 455 <= total THEN 500
              WHEN place * 45 <= total THEN 80 ELSE 1 + floor(pg_temp.dice(id, 31) * 20) END)::numeric AS weight
  FROM (
    SELECT id, row_number() OVER (ORDER BY pg_temp.dice(id, 30), id) AS place, count(*) OVER () AS total
    FROM generate_series(%(customer)s, %(last_customer)s) AS id
  ) placed
) weighed
WINDOW upto AS (ORDER BY id)
"""
EDGES = """
INSERT INTO bailiwick_edge (id, logical_id, customer_id, partner_id, name, name_key, state, activation_state,
  activated_at, serial_number, ha_serial_number, model, software_version, software_updated_at, last_contact_at, city, country,
  latitude, longitude, alerts_enabled, operator_alerts_enabled, created_at)
SELECT id, gen_random_uuid(), customer_id, partner_id, 'Edge ' || id, 'edge ' || id, state,
  CASE WHEN born THEN 'ACTIVATED' ELSE 'PENDING' END, CASE WHEN born THEN created_at + interval '1 day' END,
  CASE WHEN born THEN 'SN' || lpad(to_hex(id), 10, '0') ELSE '' END, '',
  (ARRAY['edge510', 'edge520', 'edge610lte', 'edge840', 'virtual'])[1 + id %% 5],
  CASE WHEN born THEN '6.4.0' ELSE '' END,
  CASE WHEN born THEN created_at + interval '2 days' END,
  CASE WHEN state IN ('CONNECTED', 'DEGRADED') THEN now()
       WHEN born THEN now() - interval '9 days' * pg_temp.dice(id, 43) END,
  city, country, latitude + pg_temp.dice(id, 41) - 0.5, longitude + pg_temp.dice(id, 42) - 0.5, true, true, created_at
FROM (
  SELECT made.*, state <> 'NEVER_ACTIVATED' AS born FROM (
    SELECT %(edge)s + s.before + k - 1 AS id, u.id AS customer_id, u.partner_id, u.created_at,
      d.city, d.country, d.latitude, d.longitude,
      (ARRAY['CONNECTED', 'DEGRADED', 'OFFLINE', 'NEVER_ACTIVATED', 'DISABLED', 'EXPIRED'])[
        1 + width_bucket(pg_temp.dice(%(edge)s + s.before + k - 1, 40), ARRAY[0.90, 0.94, 0.97, 0.995, 0.998])] AS state
    FROM bailiwick_seed_share s
    JOIN bailiwick_customer u ON u.id = s.id
    JOIN bailiwick_customerdetail d ON d.customer_id = s.id
    CROSS JOIN LATERAL generate_series(1, s.edges) AS k
  ) made
) lived
"""
# Written after the edges: the triggers then find no counter to raise, and each is written once.
COUNTERS = """
INSERT INTO bailiwick_customerstat (customer_id, partner_id, edges, edges_connected, edges_degraded, edges_down,
  edges_unactivated, status, modified_at)
SELECT u.id, u.partner_id, coalesce(n.edges, 0), coalesce(n.connected, 0), coalesce(n.degraded, 0), coalesce(n.down, 0),
  coalesce(n.unactivated, 0), bailiwick_status(coalesce(n.connected, 0), coalesce(n.degraded, 0), coalesce(n.down, 0)),
  u.updated_at
FROM bailiwick_customer u
LEFT JOIN (
  SELECT customer_id, count(*) AS edges, count(*) FILTER (WHERE state = 'CONNECTED') AS connected,
    count(*) FILTER (WHERE state = 'DEGRADED') AS degraded, count(*) FILTER (WHERE state = 'OFFLINE') AS down,
    count(*) FILTER (WHERE state = 'NEVER_ACTIVATED') AS unactivated
  FROM bailiwick_edge WHERE customer_id BETWEEN %(customer)s AND %(last_customer)s GROUP BY customer_id
) n ON n.customer_id = u.id
WHERE u.id BETWEEN %(customer)s AND %(last_customer)s ORDER BY u.id
"""
STEPS = (NETWORK, CUSTOMERS, DETAILS, SEARCH, SHARES, EDGES, COUNTERS)


def load_bulk(
    cursor: CursorWrapper, atlas: Atlas, *, customers: int, edges: int, steps: Sequence[str] = STEPS
) -> range:
    """Adds so many customers and edges to whatever is there, or some tables of them. Returns the customers' ids."""
    cities = _load_cities(cursor, atlas)
    blocks = {
        "partner": reserve_ids(cursor, "partner", _at_least_one(customers / CUSTOMERS_A_PARTNER)),
        "pool": reserve_ids(cursor, "gatewaypool", _at_least_one(customers / CUSTOMERS_A_POOL)),
        "profile": reserve_ids(cursor, "operatorprofile", _at_least_one(customers / CUSTOMERS_A_PROFILE)),
        "gateway": reserve_ids(cursor, "gateway", _at_least_one(customers / CUSTOMERS_A_GATEWAY)),
        "customer": reserve_ids(cursor, "customer", customers),
    }
    numbers = {name: block[0] for name, block in blocks.items()} | {
        f"last_{name}": block[-1] for name, block in blocks.items()
    }
    first_edge = reserve_ids(cursor, "edge", edges)[0] if edges else 0
    words = {
        "onsets": list(ONSETS),
        "endings": list(ENDINGS),
        "trades": list(TRADES),
        "streets": list(STREETS),
        "first_names": list(FIRST_NAMES),
        "last_names": list(LAST_NAMES),
    }
    cursor.execute(DICE)
    for step in steps:
        cursor.execute(sql.SQL("SET LOCAL work_mem = '128MB'"))
        for statement in filter(str.strip, step.split(";\n")):
            cursor.execute(statement, {**numbers, **words, "edge": first_edge, "edges": edges, "cities": cities})
    grant_what_is_used(cursor)
    return blocks["customer"]


def _load_cities(cursor: CursorWrapper, atlas: Atlas) -> int:
    cities = sorted(atlas.cities, key=lambda city: -city.population)[:LARGEST_CITIES]
    cursor.execute(PLACES)
    rows = [
        {
            "number": number,
            "name": city.name,
            "key": name_key(city.name),
            "country": city.country,
            "latitude": city.latitude,
            "longitude": city.longitude,
            "timezone": city.timezone,
        }
        for number, city in enumerate(cities)
    ]
    copy_rows(cursor, "seed_city", rows)
    return len(rows)


def _at_least_one(share: float) -> int:
    return max(1, round(share))
