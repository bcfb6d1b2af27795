"""The bytes of an event that its seal covers: every column, in an order and a form that never change."""

# As a JSON array: no two different events read alike, nor do a JSON null and none. Times in UTC whatever the
# connection's zone is; `id` comes first.
COLUMNS = (
    "id",
    "at AT TIME ZONE 'UTC'",
    "name",
    "category",
    "severity",
    "actor_id",
    "actor_name",
    "door",
    "address",
    "job_id",
    "partner_id",
    "customer_id",
    "subject",
    "before::text",
    "after::text",
)
LEAF_BYTES = 32
LEAF = f"sha256(convert_to(jsonb_build_array({', '.join(f'e.{column}' for column in COLUMNS)})::text, 'UTF8'))"
