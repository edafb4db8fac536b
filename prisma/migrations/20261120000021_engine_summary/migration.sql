-- How much there is to do, for metrics: counts over all organizations, and nothing that says whose.
CREATE FUNCTION engine_summary()
  RETURNS TABLE (measure text, kind text, count bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ WITH counted AS (
     SELECT kind, count(*) AS resources,
            count(*) FILTER (WHERE (lease_expires_at IS NULL AND next_check_at <= now()) OR lease_expires_at < now()) AS due,
            count(*) FILTER (WHERE conditions @> '[{"type": "Stalled", "status": "True"}]') AS stalled
     FROM resources GROUP BY kind)
   SELECT measure, counted.kind, value FROM counted
   CROSS JOIN LATERAL (VALUES ('resources', resources), ('due', due), ('stalled', stalled)) AS pair (measure, value)
   UNION ALL
   SELECT 'outbox', '', count(*) FROM outbox $$;
