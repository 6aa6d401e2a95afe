using Polling.Core.Persistence.Suspensions;

namespace Polling.Core.Persistence.CardImport;

/// <summary>The statements of <see cref="CardChunkStore"/>.</summary>
internal static class CardChunkSql
{
    /// <summary>One chunk at a time, for this transaction; "cards" in ASCII.</summary>
    public const string Prepare =
        """
        SET LOCAL jit = off;
        SELECT pg_advisory_xact_lock(x'6361726473'::bigint);
        CREATE TEMP TABLE import_card (
            ord integer, iccid varchar(20) COLLATE "C", msisdn varchar(20), imsi varchar(15), carrier_id integer, account_id integer,
            status smallint, real_name_status smallint, package_id integer, pool_id integer) ON COMMIT DROP
        """;

    public const string Copy =
        """
        COPY import_card (ord, iccid, msisdn, imsi, carrier_id, account_id, status, real_name_status, package_id, pool_id)
        FROM STDIN (FORMAT binary)
        """;

    // What the card's values will be: a column that the file lacks ($1–$4) keeps its value, and so does an empty status; the
    // real-name status is the poll's as soon as there was one.
    private const string Msisdn = "CASE WHEN $1 THEN i.msisdn ELSE c.msisdn END";
    private const string Imsi = "CASE WHEN $2 THEN i.imsi ELSE c.imsi END";
    private const string PackageId = "CASE WHEN $3 THEN i.package_id ELSE c.package_id END";
    // A pool is of one account: a card that goes to another leaves its pool, unless the file says which it has now.
    private const string PoolId = "CASE WHEN $4 THEN i.pool_id WHEN i.account_id = c.account_id THEN c.pool_id END";
    private const string Status = "coalesce(i.status, c.status)";
    private const string RealNameStatus =
        "CASE WHEN c.real_name_checked_at IS NULL THEN coalesce(i.real_name_status, c.real_name_status) ELSE c.real_name_status END";

    private const string NewValues = $"{Msisdn}, {Imsi}, i.carrier_id, i.account_id, {Status}, {RealNameStatus}, {PackageId}, {PoolId}";
    private const string OldValues = "c.msisdn, c.imsi, c.carrier_id, c.account_id, c.status, c.real_name_status, c.package_id, c.pool_id";

    /// <summary>
    /// $1 to $4: whether the file has msisdn, imsi, package_id, pool. Cards are looked up first and only the new ones inserted: ON CONFLICT alone
    /// would use up an id for each card that exists, and ids are bounded. It remains for a card that another writer adds meanwhile.
    /// Answers ord, id, 0 unchanged / 1 changed / 2 added, and whether the file's real-name status was left aside.
    /// </summary>
    public static readonly string Merge =
        $"""
        WITH known AS MATERIALIZED (
            SELECT i.ord, i.iccid, c.id,
                c.real_name_checked_at IS NOT NULL AND coalesce(i.real_name_status <> c.real_name_status, false) AS kept
            FROM import_card i JOIN tb_card c ON c.iccid = i.iccid
        ), locked AS MATERIALIZED (
            SELECT c.id AS card_id, i.*, ({PackageId}, {PoolId}) IS DISTINCT FROM (c.package_id, c.pool_id) AS is_other_allowance
            FROM import_card i JOIN tb_card c ON c.iccid = i.iccid
            WHERE ({NewValues}) IS DISTINCT FROM ({OldValues})
            ORDER BY c.id
            FOR NO KEY UPDATE OF c
        ), changed AS (
            UPDATE tb_card c
            SET (msisdn, imsi, carrier_id, account_id, status, real_name_status, package_id, pool_id) = ROW({NewValues}),
                row_version = c.row_version + 1, updated_at = now()
            FROM locked i
            WHERE c.id = i.card_id
            RETURNING c.id
        ), episodes AS (
            {Episodes.Raise("SELECT card_id FROM locked WHERE is_other_allowance")}
        ), added AS (
            INSERT INTO tb_card AS c (iccid, msisdn, imsi, carrier_id, account_id, status, real_name_status, package_id, pool_id)
            SELECT i.iccid, i.msisdn, i.imsi, i.carrier_id, i.account_id, coalesce(i.status, 1), coalesce(i.real_name_status, 0), i.package_id, i.pool_id
            FROM import_card i
            WHERE NOT EXISTS (SELECT 1 FROM known WHERE known.iccid = i.iccid)
            ORDER BY i.ord
            ON CONFLICT (iccid) DO UPDATE
            SET msisdn = excluded.msisdn, imsi = excluded.imsi, carrier_id = excluded.carrier_id, account_id = excluded.account_id,
                status = excluded.status, package_id = excluded.package_id, pool_id = excluded.pool_id, row_version = c.row_version + 1, updated_at = now()
            RETURNING c.id, c.iccid, c.xmax = 0 AS is_new
        )
        SELECT known.ord, known.id, CASE WHEN changed.id IS NULL THEN 0 ELSE 1 END, known.kept
        FROM known LEFT JOIN changed ON changed.id = known.id
        UNION ALL
        SELECT i.ord, added.id, CASE WHEN added.is_new THEN 2 ELSE 1 END, false
        FROM added JOIN import_card i ON i.iccid = added.iccid
        """;
}
