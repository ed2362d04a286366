-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE TYPE public.procrastinate_job_event_type AS ENUM (
    'deferred',
    'started',
    'deferred_for_retry',
    'failed',
    'succeeded',
    'cancelled',
    'abort_requested',
    'aborted',
    'scheduled',
    'retried'
);


ALTER TYPE public.procrastinate_job_event_type OWNER TO stepladder_owner;

CREATE TYPE public.procrastinate_job_status AS ENUM (
    'todo',
    'doing',
    'succeeded',
    'failed',
    'cancelled',
    'aborting',
    'aborted'
);


ALTER TYPE public.procrastinate_job_status OWNER TO stepladder_owner;

CREATE TYPE public.procrastinate_job_to_defer_v1 AS (
	queue_name character varying,
	task_name character varying,
	priority integer,
	lock text,
	queueing_lock text,
	args jsonb,
	scheduled_at timestamp with time zone
);


ALTER TYPE public.procrastinate_job_to_defer_v1 OWNER TO stepladder_owner;

CREATE FUNCTION public.audit_event_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if old.sequence is not null then
        raise exception 'audit event % is sealed', old.id using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;


ALTER FUNCTION public.audit_event_is_append_only() OWNER TO stepladder_owner;

CREATE FUNCTION public.decision_is_final() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if old.state <> 'pending' and (new.state, new.settled_at) is distinct from (old.state, old.settled_at) then
        raise exception 'elevation request % is settled', old.id using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;


ALTER FUNCTION public.decision_is_final() OWNER TO stepladder_owner;

CREATE FUNCTION public.drain_has_ended() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform pg_notify('procrastinate_queue_v1#' || old.queue_name,
                      json_build_object('type', 'job_inserted', 'job_id', old.id)::text);
    return null;
end
$$;


ALTER FUNCTION public.drain_has_ended() OWNER TO stepladder_owner;

CREATE FUNCTION public.due_work(at timestamp with time zone) RETURNS TABLE(work text, msp_id uuid, connector_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select 'drain', c.msp_id, c.id from psa_connector c
    where c.is_enabled and (c.paused_until is null or c.paused_until <= at)
      and (exists (select from ticket_link l where l.msp_id = c.msp_id and l.next_try_at <= at)
           or (coalesce(c.drift_due_at, at) <= at
               and exists (select from ticket_link l
                           where l.connector_id = c.id and l.desired = 'open' and l.ticket_id is not null)))
    union all
    select 'expire', m.id, null from msp m
    where exists (select from elevation_request r
                  where r.msp_id = m.id and r.state = 'pending' and r.expires_at <= at)
    union all
    select 'seal', m.id, null from msp m
    where exists (select from audit_event e where e.msp_id = m.id and e.sequence is null)
    union all
    select 'forget', m.id, null from msp m
    where exists (select from endpoint_nonce n
                  where n.msp_id = m.id and n.seen_at < at - interval '20 minutes')
$$;


ALTER FUNCTION public.due_work(at timestamp with time zone) OWNER TO stepladder_owner;

CREATE FUNCTION public.msp_directory() RETURNS TABLE(id uuid, name text, host text, base_url text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$ select id, name, host, base_url from msp order by host $$;


ALTER FUNCTION public.msp_directory() OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_cancel_job_v1(job_id bigint, abort boolean, delete_job boolean) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status = 'todo'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        IF abort THEN
            UPDATE procrastinate_jobs
            SET abort_requested = true,
                status = CASE status
                    WHEN 'todo' THEN 'cancelled'::procrastinate_job_status ELSE status
                END
            WHERE id = job_id AND status IN ('todo', 'doing')
            RETURNING id INTO _job_id;
        ELSE
            UPDATE procrastinate_jobs
            SET status = 'cancelled'::procrastinate_job_status
            WHERE id = job_id AND status = 'todo'
            RETURNING id INTO _job_id;
        END IF;
    END IF;
    RETURN _job_id;
END;
$$;


ALTER FUNCTION public.procrastinate_cancel_job_v1(job_id bigint, abort boolean, delete_job boolean) OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_defer_jobs_v1(jobs public.procrastinate_job_to_defer_v1[]) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    job_ids bigint[];
BEGIN
    WITH inserted_jobs AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT (job).queue_name,
               (job).task_name,
               (job).priority,
               (job).lock,
               (job).queueing_lock,
               (job).args,
               (job).scheduled_at
        FROM unnest(jobs) AS job
        RETURNING id
    )
    SELECT array_agg(id) FROM inserted_jobs INTO job_ids;

    RETURN job_ids;
END;
$$;


ALTER FUNCTION public.procrastinate_defer_jobs_v1(jobs public.procrastinate_job_to_defer_v1[]) OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_defer_periodic_job_v2(_queue_name character varying, _lock character varying, _queueing_lock character varying, _task_name character varying, _priority integer, _periodic_id character varying, _defer_timestamp bigint, _args jsonb) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN
    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = (
            SELECT COALESCE((
                SELECT unnest(procrastinate_defer_jobs_v1(
                    ARRAY[
                        ROW(
                            _queue_name,
                            _task_name,
                            _priority,
                            _lock,
                            _queueing_lock,
                            _args,
                            NULL::timestamptz
                        )
                    ]::procrastinate_job_to_defer_v1[]
                ))
            ), NULL)
        )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;

    RETURN _job_id;
END;
$$;


ALTER FUNCTION public.procrastinate_defer_periodic_job_v2(_queue_name character varying, _lock character varying, _queueing_lock character varying, _task_name character varying, _priority integer, _periodic_id character varying, _defer_timestamp bigint, _args jsonb) OWNER TO stepladder_owner;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public.procrastinate_jobs (
    id bigint NOT NULL,
    queue_name character varying(128) NOT NULL,
    task_name character varying(128) NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    lock text,
    queueing_lock text,
    args jsonb DEFAULT '{}'::jsonb NOT NULL,
    status public.procrastinate_job_status DEFAULT 'todo'::public.procrastinate_job_status NOT NULL,
    scheduled_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    abort_requested boolean DEFAULT false NOT NULL,
    worker_id bigint,
    CONSTRAINT check_not_todo_abort_requested CHECK ((NOT ((status = 'todo'::public.procrastinate_job_status) AND (abort_requested = true))))
);


ALTER TABLE public.procrastinate_jobs OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_fetch_job_v2(target_queue_names character varying[], p_worker_id bigint) RETURNS public.procrastinate_jobs
    LANGUAGE plpgsql
    AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier or higher priority jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS other_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND other_jobs.lock = jobs.lock
                            AND (
                                -- job with same lock is already running
                                other_jobs.status = 'doing'
                                OR
                                -- job with same lock is waiting and has higher priority (or same priority but was queued first)
                                (
                                    other_jobs.status = 'todo'
                                    AND (
                                        other_jobs.priority > jobs.priority
                                        OR (
                                        other_jobs.priority = jobs.priority
                                        AND other_jobs.id < jobs.id
                                        )
                                    )
                                )
                            )
                )
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing', worker_id = p_worker_id
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;

 RETURN found_jobs;
END;
$$;


ALTER FUNCTION public.procrastinate_fetch_job_v2(target_queue_names character varying[], p_worker_id bigint) OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_finish_job_v1(job_id bigint, end_status public.procrastinate_job_status, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed', 'aborted') THEN
        RAISE 'End status should be either "succeeded", "failed" or "aborted" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            abort_requested = false,
            attempts = CASE status
                WHEN 'doing' THEN attempts + 1 ELSE attempts
            END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;


ALTER FUNCTION public.procrastinate_finish_job_v1(job_id bigint, end_status public.procrastinate_job_status, delete_job boolean) OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_notify_queue_abort_job_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'abort_job_requested', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;


ALTER FUNCTION public.procrastinate_notify_queue_abort_job_v1() OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_notify_queue_job_inserted_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'job_inserted', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;


ALTER FUNCTION public.procrastinate_notify_queue_job_inserted_v1() OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat double precision) RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    DELETE FROM procrastinate_workers
    WHERE last_heartbeat < NOW() - (seconds_since_heartbeat || 'SECOND')::INTERVAL
    RETURNING procrastinate_workers.id;
END;
$$;


ALTER FUNCTION public.procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat double precision) OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_register_worker_v1() RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    INSERT INTO procrastinate_workers DEFAULT VALUES
    RETURNING procrastinate_workers.id;
END;
$$;


ALTER FUNCTION public.procrastinate_register_worker_v1() OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_retry_job_v1(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
BEGIN
    SELECT abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status = 'doing'
    FOR UPDATE
    INTO _abort_requested;
    IF _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$;


ALTER FUNCTION public.procrastinate_retry_job_v1(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_retry_job_v2(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
    _current_status procrastinate_job_status;
BEGIN
    SELECT status, abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status IN ('doing', 'failed')
    FOR UPDATE
    INTO _current_status, _abort_requested;
    IF _current_status = 'doing' AND _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status IN ('doing', 'failed')
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or has an invalid status to retry (job id: %)', job_id;
    END IF;

END;
$$;


ALTER FUNCTION public.procrastinate_retry_job_v2(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'abort_requested'::procrastinate_job_event_type);
    RETURN NEW;
END;
$$;


ALTER FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1() OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type, at)
        VALUES (NEW.id, 'scheduled'::procrastinate_job_event_type, NEW.scheduled_at);

	RETURN NEW;
END;
$$;


ALTER FUNCTION public.procrastinate_trigger_function_scheduled_events_v1() OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'deferred'::procrastinate_job_event_type);
	RETURN NEW;
END;
$$;


ALTER FUNCTION public.procrastinate_trigger_function_status_events_insert_v1() OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_trigger_function_status_events_update_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            WHEN OLD.status = 'failed'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'retried'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$;


ALTER FUNCTION public.procrastinate_trigger_function_status_events_update_v1() OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_unlink_periodic_defers_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_periodic_defers
    SET job_id = NULL
    WHERE job_id = OLD.id;
    RETURN OLD;
END;
$$;


ALTER FUNCTION public.procrastinate_unlink_periodic_defers_v1() OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_unregister_worker_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM procrastinate_workers
    WHERE id = worker_id;
END;
$$;


ALTER FUNCTION public.procrastinate_unregister_worker_v1(worker_id bigint) OWNER TO stepladder_owner;

CREATE FUNCTION public.procrastinate_update_heartbeat_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_workers
    SET last_heartbeat = NOW()
    WHERE id = worker_id;
END;
$$;


ALTER FUNCTION public.procrastinate_update_heartbeat_v1(worker_id bigint) OWNER TO stepladder_owner;

CREATE FUNCTION public.settled_among(ids uuid[]) RETURNS TABLE(id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$ select r.id from elevation_request r where r.id = any(ids) and r.state <> 'pending' $$;


ALTER FUNCTION public.settled_among(ids uuid[]) OWNER TO stepladder_owner;

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);


ALTER TABLE public.alembic_version OWNER TO stepladder_owner;

CREATE TABLE public.audit_event (
    id bigint NOT NULL,
    msp_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    tag text NOT NULL,
    actor_kind character varying(16) NOT NULL,
    actor_id text NOT NULL,
    subject text NOT NULL,
    facts jsonb NOT NULL,
    leaf bytea NOT NULL,
    sequence bigint,
    link bytea
);

ALTER TABLE ONLY public.audit_event FORCE ROW LEVEL SECURITY;


ALTER TABLE public.audit_event OWNER TO stepladder_owner;

ALTER TABLE public.audit_event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.connector_lookup (
    connector_id uuid NOT NULL,
    kind character varying(32) NOT NULL,
    name text NOT NULL,
    msp_id uuid NOT NULL,
    remote_id text,
    fetched_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.connector_lookup FORCE ROW LEVEL SECURITY;


ALTER TABLE public.connector_lookup OWNER TO stepladder_owner;

CREATE TABLE public.customer (
    id uuid NOT NULL,
    msp_id uuid NOT NULL,
    name text NOT NULL,
    display_name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    request_lifetime_seconds integer,
    deleted_at timestamp with time zone,
    directory_id uuid
);

ALTER TABLE ONLY public.customer FORCE ROW LEVEL SECURITY;


ALTER TABLE public.customer OWNER TO stepladder_owner;

CREATE TABLE public.customer_mapping (
    customer_id uuid NOT NULL,
    msp_id uuid NOT NULL,
    connector_id uuid NOT NULL,
    state character varying(12) NOT NULL,
    how character varying(12),
    remote_id text,
    remote_name text,
    detail text,
    checked_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_customer_mapping_state CHECK (((state)::text = ANY ((ARRAY['mapped'::character varying, 'unmapped'::character varying, 'ambiguous'::character varying, 'inactive'::character varying, 'gone'::character varying])::text[])))
);

ALTER TABLE ONLY public.customer_mapping FORCE ROW LEVEL SECURITY;


ALTER TABLE public.customer_mapping OWNER TO stepladder_owner;

CREATE TABLE public.decision (
    request_id uuid NOT NULL,
    msp_id uuid NOT NULL,
    verdict character varying(8) NOT NULL,
    kind character varying(8) NOT NULL,
    scope character varying(8) NOT NULL,
    channel character varying(16) NOT NULL,
    actor_kind character varying(16) NOT NULL,
    actor_id text NOT NULL,
    technician_id uuid,
    reason text,
    decided_at timestamp with time zone NOT NULL,
    rule_id uuid,
    CONSTRAINT ck_decision_scope CHECK (((scope)::text = 'once'::text)),
    CONSTRAINT ck_decision_verdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'denied'::character varying])::text[])))
);

ALTER TABLE ONLY public.decision FORCE ROW LEVEL SECURITY;


ALTER TABLE public.decision OWNER TO stepladder_owner;

CREATE TABLE public.delegation (
    customer_id uuid NOT NULL,
    technician_id uuid NOT NULL,
    msp_id uuid NOT NULL,
    role character varying(16) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_delegation_role CHECK (((role)::text = ANY ((ARRAY['admin'::character varying, 'technician'::character varying, 'read_only'::character varying])::text[])))
);

ALTER TABLE ONLY public.delegation FORCE ROW LEVEL SECURITY;


ALTER TABLE public.delegation OWNER TO stepladder_owner;

CREATE TABLE public.elevation_grant (
    request_id uuid NOT NULL,
    msp_id uuid NOT NULL,
    body jsonb NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.elevation_grant FORCE ROW LEVEL SECURITY;


ALTER TABLE public.elevation_grant OWNER TO stepladder_owner;

CREATE TABLE public.elevation_request (
    id uuid NOT NULL,
    msp_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    customer_label text NOT NULL,
    endpoint_id uuid NOT NULL,
    idempotency_key text NOT NULL,
    body_sha256 bytea NOT NULL,
    kind character varying(8) NOT NULL,
    state character varying(12) NOT NULL,
    requester_user text NOT NULL,
    requester_name text,
    requester_email text,
    program_name text NOT NULL,
    program_path text NOT NULL,
    arguments jsonb NOT NULL,
    sha256 character varying(64) NOT NULL,
    size bigint NOT NULL,
    publisher text,
    reason text,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT ck_elevation_request_kind CHECK (((kind)::text = ANY ((ARRAY['USER'::character varying, 'ADMIN'::character varying])::text[]))),
    CONSTRAINT ck_elevation_request_settled CHECK ((((state)::text = 'pending'::text) = (settled_at IS NULL))),
    CONSTRAINT ck_elevation_request_state CHECK (((state)::text = ANY ((ARRAY['pending'::character varying, 'approved'::character varying, 'denied'::character varying, 'cancelled'::character varying, 'expired'::character varying])::text[])))
);

ALTER TABLE ONLY public.elevation_request FORCE ROW LEVEL SECURITY;


ALTER TABLE public.elevation_request OWNER TO stepladder_owner;

CREATE TABLE public.endpoint (
    id uuid NOT NULL,
    msp_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    name text NOT NULL,
    public_key bytea NOT NULL,
    operating_system text NOT NULL,
    agent_version text NOT NULL,
    state character varying(8) NOT NULL,
    enrolled_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_endpoint_state CHECK (((state)::text = ANY ((ARRAY['active'::character varying, 'held'::character varying, 'revoked'::character varying])::text[])))
);

ALTER TABLE ONLY public.endpoint FORCE ROW LEVEL SECURITY;


ALTER TABLE public.endpoint OWNER TO stepladder_owner;

CREATE TABLE public.endpoint_nonce (
    endpoint_id uuid NOT NULL,
    nonce text NOT NULL,
    msp_id uuid NOT NULL,
    seen_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.endpoint_nonce FORCE ROW LEVEL SECURITY;


ALTER TABLE public.endpoint_nonce OWNER TO stepladder_owner;

CREATE TABLE public.enrolment_token (
    id uuid NOT NULL,
    msp_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    endpoint_name text,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    endpoint_id uuid
);

ALTER TABLE ONLY public.enrolment_token FORCE ROW LEVEL SECURITY;


ALTER TABLE public.enrolment_token OWNER TO stepladder_owner;

CREATE TABLE public.halopsa_object (
    connector_id uuid NOT NULL,
    key character varying(64) NOT NULL,
    msp_id uuid NOT NULL,
    kind character varying(24) NOT NULL,
    name text NOT NULL,
    remote_id text,
    fingerprint bytea,
    key_ids text[] NOT NULL,
    intended_at timestamp with time zone NOT NULL,
    made_at timestamp with time zone
);

ALTER TABLE ONLY public.halopsa_object FORCE ROW LEVEL SECURITY;


ALTER TABLE public.halopsa_object OWNER TO stepladder_owner;

CREATE TABLE public.inbound_key (
    id uuid NOT NULL,
    msp_id uuid NOT NULL,
    key_id text NOT NULL,
    key_hash bytea NOT NULL,
    name text NOT NULL,
    actions text[] NOT NULL,
    modes text[] NOT NULL,
    customer_ids uuid[],
    requires_technician boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    networks text[],
    calls_per_minute integer DEFAULT 300 NOT NULL,
    seen_networks text[] DEFAULT '{}'::text[] NOT NULL
);

ALTER TABLE ONLY public.inbound_key FORCE ROW LEVEL SECURITY;


ALTER TABLE public.inbound_key OWNER TO stepladder_owner;

CREATE TABLE public.joined_request (
    endpoint_id uuid NOT NULL,
    idempotency_key text NOT NULL,
    msp_id uuid NOT NULL,
    request_id uuid NOT NULL,
    body_sha256 bytea NOT NULL,
    joined_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.joined_request FORCE ROW LEVEL SECURITY;


ALTER TABLE public.joined_request OWNER TO stepladder_owner;

CREATE TABLE public.msp (
    id uuid NOT NULL,
    name text NOT NULL,
    host text NOT NULL,
    base_url text NOT NULL,
    request_lifetime_seconds integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_msp_host_is_lower_case CHECK ((host = lower(host)))
);

ALTER TABLE ONLY public.msp FORCE ROW LEVEL SECURITY;


ALTER TABLE public.msp OWNER TO stepladder_owner;

CREATE TABLE public.procrastinate_events (
    id bigint NOT NULL,
    job_id bigint NOT NULL,
    type public.procrastinate_job_event_type,
    at timestamp with time zone DEFAULT now()
);


ALTER TABLE public.procrastinate_events OWNER TO stepladder_owner;

CREATE SEQUENCE public.procrastinate_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.procrastinate_events_id_seq OWNER TO stepladder_owner;

ALTER SEQUENCE public.procrastinate_events_id_seq OWNED BY public.procrastinate_events.id;


CREATE SEQUENCE public.procrastinate_jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.procrastinate_jobs_id_seq OWNER TO stepladder_owner;

ALTER SEQUENCE public.procrastinate_jobs_id_seq OWNED BY public.procrastinate_jobs.id;


CREATE TABLE public.procrastinate_periodic_defers (
    id bigint NOT NULL,
    task_name character varying(128) NOT NULL,
    defer_timestamp bigint,
    job_id bigint,
    periodic_id character varying(128) DEFAULT ''::character varying NOT NULL
);


ALTER TABLE public.procrastinate_periodic_defers OWNER TO stepladder_owner;

CREATE SEQUENCE public.procrastinate_periodic_defers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.procrastinate_periodic_defers_id_seq OWNER TO stepladder_owner;

ALTER SEQUENCE public.procrastinate_periodic_defers_id_seq OWNED BY public.procrastinate_periodic_defers.id;


CREATE TABLE public.procrastinate_workers (
    id bigint NOT NULL,
    last_heartbeat timestamp with time zone DEFAULT now() NOT NULL
);


ALTER TABLE public.procrastinate_workers OWNER TO stepladder_owner;

ALTER TABLE public.procrastinate_workers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.procrastinate_workers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


CREATE TABLE public.psa_connector (
    id uuid NOT NULL,
    msp_id uuid NOT NULL,
    kind character varying(16) NOT NULL,
    settings jsonb NOT NULL,
    sealed_secret bytea NOT NULL,
    is_enabled boolean NOT NULL,
    call_budget integer NOT NULL,
    tokens double precision NOT NULL,
    tokens_at timestamp with time zone NOT NULL,
    paused_until timestamp with time zone,
    failures integer NOT NULL,
    needs_attention boolean NOT NULL,
    error text,
    drain_fence bigint NOT NULL,
    mapped_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    drift_due_at timestamp with time zone,
    drift_cursor timestamp with time zone,
    drift_whole_at timestamp with time zone,
    drift_error text
);

ALTER TABLE ONLY public.psa_connector FORCE ROW LEVEL SECURITY;


ALTER TABLE public.psa_connector OWNER TO stepladder_owner;

CREATE TABLE public.rule (
    id uuid NOT NULL,
    msp_id uuid NOT NULL,
    customer_id uuid,
    verdict character varying(8) NOT NULL,
    kind character varying(8),
    match_key text NOT NULL,
    sha256 character varying(64),
    publisher text,
    program_name text,
    arguments jsonb,
    note text,
    written_by_kind character varying(16) NOT NULL,
    written_by_id text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    confirmed_by uuid,
    confirmed_until timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT ck_rule_approval_is_exact CHECK ((((verdict)::text = 'denied'::text) OR ((kind IS NOT NULL) AND (arguments IS NOT NULL)))),
    CONSTRAINT ck_rule_confirmed CHECK (((confirmed_by IS NULL) = (confirmed_until IS NULL))),
    CONSTRAINT ck_rule_kind CHECK (((kind)::text = ANY ((ARRAY['USER'::character varying, 'ADMIN'::character varying])::text[]))),
    CONSTRAINT ck_rule_match CHECK ((((sha256 IS NULL) = (publisher IS NOT NULL)) AND ((publisher IS NULL) = (program_name IS NULL)))),
    CONSTRAINT ck_rule_verdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'denied'::character varying])::text[])))
);

ALTER TABLE ONLY public.rule FORCE ROW LEVEL SECURITY;


ALTER TABLE public.rule OWNER TO stepladder_owner;

CREATE TABLE public.self_test (
    id uuid NOT NULL,
    msp_id uuid NOT NULL,
    connector_id uuid NOT NULL,
    button character varying(8) NOT NULL,
    token text NOT NULL,
    reference text NOT NULL,
    customer_name text NOT NULL,
    remote_customer_id text NOT NULL,
    remote_customer_name text NOT NULL,
    ticket_id text,
    arrived text[] NOT NULL,
    names_match boolean,
    opened_at timestamp with time zone NOT NULL,
    arrived_at timestamp with time zone,
    closed_at timestamp with time zone,
    CONSTRAINT ck_self_test_button CHECK (((button)::text = ANY ((ARRAY['approve'::character varying, 'deny'::character varying])::text[])))
);

ALTER TABLE ONLY public.self_test FORCE ROW LEVEL SECURITY;


ALTER TABLE public.self_test OWNER TO stepladder_owner;

CREATE TABLE public.signing_key (
    msp_id uuid NOT NULL,
    purpose character varying(8) NOT NULL,
    kid text NOT NULL,
    public_key bytea NOT NULL,
    sealed_private_key bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    CONSTRAINT ck_signing_key_purpose CHECK (((purpose)::text = ANY ((ARRAY['grant'::character varying, 'audit'::character varying])::text[])))
);

ALTER TABLE ONLY public.signing_key FORCE ROW LEVEL SECURITY;


ALTER TABLE public.signing_key OWNER TO stepladder_owner;

CREATE TABLE public.technician (
    id uuid NOT NULL,
    msp_id uuid NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    role character varying(16) NOT NULL,
    is_active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_technician_role CHECK (((role)::text = ANY ((ARRAY['global_admin'::character varying, 'admin'::character varying, 'technician'::character varying, 'read_only'::character varying])::text[])))
);

ALTER TABLE ONLY public.technician FORCE ROW LEVEL SECURITY;


ALTER TABLE public.technician OWNER TO stepladder_owner;

CREATE TABLE public.tenant_key (
    msp_id uuid NOT NULL,
    version integer NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.tenant_key FORCE ROW LEVEL SECURITY;


ALTER TABLE public.tenant_key OWNER TO stepladder_owner;

CREATE TABLE public.ticket_link (
    request_id uuid NOT NULL,
    msp_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    connector_id uuid NOT NULL,
    reference text NOT NULL,
    desired character varying(8) NOT NULL,
    observed character varying(8) NOT NULL,
    ticket_id text,
    create_sent_at timestamp with time zone,
    note_sent_at timestamp with time zone,
    note_seen boolean NOT NULL,
    attempts integer NOT NULL,
    next_try_at timestamp with time zone,
    needs_attention boolean NOT NULL,
    error_code text,
    error text,
    created_at timestamp with time zone NOT NULL,
    opened_at timestamp with time zone,
    closed_at timestamp with time zone,
    drift character varying(16),
    drift_detail text,
    drift_since timestamp with time zone,
    remark_sent_at timestamp with time zone,
    remark_seen boolean DEFAULT false NOT NULL,
    mended integer DEFAULT 0 NOT NULL,
    CONSTRAINT ck_ticket_link_desired CHECK (((desired)::text = ANY ((ARRAY['open'::character varying, 'closed'::character varying])::text[]))),
    CONSTRAINT ck_ticket_link_drift CHECK (((drift)::text = ANY ((ARRAY['closed_by_hand'::character varying, 'deleted'::character varying, 'merged'::character varying, 'moved'::character varying, 'fields_edited'::character varying, 'customer_gone'::character varying])::text[]))),
    CONSTRAINT ck_ticket_link_observed CHECK (((observed)::text = ANY ((ARRAY['absent'::character varying, 'open'::character varying, 'closed'::character varying, 'gone'::character varying])::text[])))
);

ALTER TABLE ONLY public.ticket_link FORCE ROW LEVEL SECURITY;


ALTER TABLE public.ticket_link OWNER TO stepladder_owner;

ALTER TABLE ONLY public.procrastinate_events ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_events_id_seq'::regclass);


ALTER TABLE ONLY public.procrastinate_jobs ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_jobs_id_seq'::regclass);


ALTER TABLE ONLY public.procrastinate_periodic_defers ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_periodic_defers_id_seq'::regclass);


COPY public.alembic_version (version_num) FROM stdin;
0005
\.


COPY public.audit_event (id, msp_id, at, tag, actor_kind, actor_id, subject, facts, leaf, sequence, link) FROM stdin;
2	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-02 08:00:00+00	msp.created	operator	ada@stepladder-host	728b777d-cbc8-4888-b961-143dce2c2e4f	{"host": "southwind.example"}	\\x3ac499d83e9f4626babeb16fa7d3f9cb562a41102bdb76bae8a9860cf6139cf9	1	\\xdeb17ecb6dc456a5647d98f701fc6c0304f9fd07559788e258d0c56f5a0eaf47
1	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:00:00+00	msp.created	operator	ada@stepladder-host	8b405aba-7dab-4fb9-a17e-3e52f4344db0	{"host": "northstar.example"}	\\x8fae0907cd59ad67b8eac09c30a2946c1ed7f7b8d05d3d273508a345774bd1f7	1	\\x89c2a718601f6dfc3d7b08d4a90e103d29fe07ec579fd479ca6d86f2179348ea
3	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:00:07+00	technician.created	operator	ada@stepladder-host	56592efb-46dd-44c9-be47-225c4cb4005c	{"role": "technician"}	\\x703c11642ecb730fbe1835d958f867e618c6f62dd2e975ec5e9e70fe3f2bc696	2	\\xee8b30549c35a8988d4bb3c5228b47d8e02f02f21564ea53d7af20673b9b4e95
4	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:00:14+00	technician.created	operator	ada@stepladder-host	92104469-ae89-4330-b280-2a4d0d697e57	{"role": "admin"}	\\xe4abb5bda816524fba7685ee5d7714f9164b51277fabe3d2565b2dd0d039c06d	3	\\xfbc65084035da50ce6bacafe4a1110be30048d82469ae27363423d9df6c65152
5	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:00:21+00	technician.created	operator	ada@stepladder-host	6098000f-9458-4a08-b506-9ac8c2b90bf2	{"role": "global_admin"}	\\xc11323de96c8107804c9eed36f31a0a8ae04aa0ad8d60b78b92666c03f5ef4d3	4	\\x109222a40a4a83893a945a78b3398cf31694bc119ab34afe2d41de62f1bc46f3
6	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:00:28+00	technician.created	operator	ada@stepladder-host	55d23bf1-3600-4a2e-99ae-7ab935bbbe0f	{"role": "read_only"}	\\x6f5933253240f4838b5f2af45a2237cf3325696fc37236bd75e089f72808a646	5	\\x53a38c98ed046e035e036d4cf39492a6edc5fe5ce5ae7de494e630eb2d74f1d7
7	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:00:35+00	technician.created	operator	ada@stepladder-host	55030820-b039-44d8-832e-5d60f45ec01c	{"role": "technician"}	\\x1139a3bebefca673c7b797439b24f4aa772832611a91d4130817dd61d4fb9c0c	6	\\x75f65633d30d7a958e84d990b2a1089ff8960908c8187d9cd3977b58c9261bad
8	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:00:35+00	technician.changed	operator	ada@stepladder-host	55030820-b039-44d8-832e-5d60f45ec01c	{"role": "technician", "is_active": false}	\\xe58b2da1705c69e3e8d1bd7f23bc73486ce1091e78620ad75391daf68b8962a3	7	\\x474a04f4a6d22e19a77a9b55a69a1d3e63f2721b73637997a5673124d297b02f
9	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:00:42+00	customer.created	operator	ada@stepladder-host	bcec82db-c2ad-449a-a199-64755e73502e	{}	\\xc39f59fdea48ef8f24a938362892f73fc67f48b7a22d3b42962d0bd912afb277	8	\\x3b25d58a5c3b007c35f087ce64c7d659da7e7a237fad9654ca15b9f1aede1665
10	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:00:49+00	customer.created	operator	ada@stepladder-host	03eb0880-2c03-4c2f-8321-ecbbd2233ae7	{}	\\xb05850750caa9a1e6fe2c9b382a8fa88330b102f84c89c12d431121ba752b983	9	\\x147cc69567b9b4589e7aa3fec75f30b7220abe85556067e23954b58f9055a77e
11	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:00:56+00	customer.created	operator	ada@stepladder-host	2fb41874-1c06-42c3-bddf-b588e2abf366	{}	\\xfe6a72ff40198a3ee3ba57248b7ca50e72dbaab6e6113a74c97360b6291bbfb9	10	\\x2b19645ac56c3e6d2f40897b064aa89fc8fc94ca908015b12de4301757e22e58
12	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:01:03+00	customer.created	operator	ada@stepladder-host	873cde98-5e96-4dfb-8c9f-702dbc5f068f	{}	\\xa7788dcc9ea4149eed817e77118943e0287ffb22b2a756bf28df67e284027671	11	\\x41b4e534077734764877ced3cfa45ae5a64b7c4f2118e378933ab81ad10a946c
36	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:16+00	endpoint.enrolled	system	enrolment	23dc971f-515d-4b07-96dd-2cb262fa0f37	{"token_id": "386dcc84-61e2-47b4-9ad7-1ab412da05bd", "customer_id": "2fb41874-1c06-42c3-bddf-b588e2abf366"}	\\xb2851a4c506cf64b66fbf5c9e700f5416d70de8b78709e442ea5dc787dea39fd	35	\\x8f3f134aac27e890c6bc96cfef9af1b33314b2b69208cc33a1a2925531910798
37	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:23+00	enrolment_token.created	operator	ada@stepladder-host	426aebd1-d9d0-4cbc-9ef7-33c3d68cad1b	{"customer_id": "873cde98-5e96-4dfb-8c9f-702dbc5f068f"}	\\x6981be759da2c6065aefccd406af099dc8c5613c0fbfce4def04cf5cb4e4a9c2	36	\\x1fb402800dabe8227c8288a4e40c603827857fff2da328bc2e9fb285395b295c
38	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:23+00	endpoint.enrolled	system	enrolment	11502eff-a141-4b2d-b831-e1728cf1d245	{"token_id": "426aebd1-d9d0-4cbc-9ef7-33c3d68cad1b", "customer_id": "873cde98-5e96-4dfb-8c9f-702dbc5f068f"}	\\x86b54de956c4995358ed743e658972080fe6188cefca9b569b4e028c6cd86404	37	\\x4dcb1aaa1d1f2993c5be621d4d1437faac1537a7f47c8bafeff32162bd6985f4
13	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:01:10+00	customer.created	operator	ada@stepladder-host	d4ffadcf-5767-4cd0-b272-3dddde89d022	{}	\\xabe3413e4b6d117eef8c810b576a237167ce51c6c6f4c460d631cead6cac4a05	12	\\x7e28ecc3a0789793b9b324a976276b7211173decb253809555c8272ee306deab
14	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:01:17+00	customer.created	operator	ada@stepladder-host	fe8b9bc1-e477-45c7-9cf4-ce95933c7b25	{}	\\x00d3e4e3849c62f50b4cbb30ca0671fff35b4f1ed9a98201109e518fc78e5e8d	13	\\x8d2c96166f1e1a88b9fd00ae6948ae0ec5a270c781139fb7c49b43515fa94b6a
15	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:01:24+00	customer.created	operator	ada@stepladder-host	da91e4ba-423b-4436-b580-3830be6fc8c3	{}	\\x901e484da605bca5d95b20a66c8e9429d5ac852db74dbd60a4acbd173a5ff819	14	\\xe366b7949b17175c43d197c5dd92fea16cf31f9d8cefb84ec3fa45b098a08fe8
16	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:01:31+00	customer.created	operator	ada@stepladder-host	2c49e583-8f77-4831-831a-3454d73d8f0b	{}	\\x3242a9038b362536e73ea7bf64f59de3c2292f885e4d9031d884c91f24bc92bd	15	\\xa6e4e0e2cfe2609b25552efb33ec7c14da3ddc6e9fff936d791a7b7f72267932
17	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:01:38+00	customer.created	operator	ada@stepladder-host	0da97529-2055-4f9f-9f65-f02931688bcd	{}	\\xa7a2d514e369ec6725f55ca751a2afd86599ae5b63fda02ef9b55a2aaf1dd458	16	\\xeb68bedcf271b552adc7e91bf2f48fe5107d5510cadff9760ba0e9968b3ff659
18	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:01:45+00	customer.created	operator	ada@stepladder-host	b5148332-da54-4e61-b839-79d81eeeb925	{}	\\xc604965a43b35bd6fabd3b810ccbc4364a52769ffbd1f21187c47ec5f33fdb98	17	\\xc6b6b9c87760a895b57263b99cb453ce17da8b99e9babd230e6eab9785fc2416
19	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:01:52+00	customer.created	operator	ada@stepladder-host	d9292825-fd95-4aec-bf51-951c403bd657	{"directory_id": "8d2f4c1e-93a7-4b60-9e15-7c3a5d80f261"}	\\x8b7d08a94c1a2073b2fde9261967be54c30e65413154aa23ec09cf233ae013f6	18	\\xa32a827a9d63e55044377d38c88793d9f56716accc2fd8f8404af14eadafaaff
20	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:01:59+00	inbound_key.created	operator	ada@stepladder-host	5a9f5358-642d-4440-9789-22476b451531	{"modes": ["USER"], "key_id": "JHAwMrkO", "actions": ["approve", "deny", "disable_jit", "read", "manage_customers", "manage_delegation", "manage_rules", "read_audit"]}	\\x49f347f785b318e6993e6ec9ab74c646c62492e64ca8a0901d34663677bb06b0	19	\\x0631eaeba1907a9a0d6e5f1855754729b67bef93261ecc5bf4b5579f0b44e98e
21	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:02:06+00	inbound_key.created	operator	ada@stepladder-host	f94cfb1d-5230-426c-aa29-2fde3ca0af29	{"modes": ["USER"], "key_id": "xn0Kjpah", "actions": ["read"]}	\\xa6c84fb5d37d514c2b1b2c97982a688bf2cf5598a7b33f3430f121ff8cd692c1	20	\\xa6278f073f29679ad815798930cd2ee301e1a47474cee5a334d4445526b7eeb7
22	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:02:13+00	inbound_key.created	operator	ada@stepladder-host	87b457c8-0dcf-4bb8-b6ac-fbb134fe7928	{"modes": ["USER"], "key_id": "SIpNW4EW", "actions": ["read"]}	\\x57e45214f4809214ccd64a929d301ca0263d8c4618165a1dc29cb6dcec36df1c	21	\\xb7500dffb12261e3c79ab5f60cb69ab90b34da2ee8d09a6b483529062daa79b9
23	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:02:20+00	inbound_key.created	operator	ada@stepladder-host	e80c043c-0555-4fe7-8ebf-8fe594a7ee51	{"modes": ["USER"], "key_id": "VWttOAOz", "actions": ["approve", "deny", "disable_jit"]}	\\x4edcd55fbc949bcd6b7e0ea2b712865ca9efe5a14b7d682bd89d9c10fd44dbe1	22	\\x9a794980d07ef4206ac9ef67a998b96b70240cd0eb6bd44178c4ddab60130e88
24	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:02:27+00	inbound_key.created	operator	ada@stepladder-host	5411da66-e514-4113-acda-ee9cc3aedffa	{"modes": ["USER"], "key_id": "gIWTF5mV", "actions": ["read"]}	\\xc023d403a8e0056d1bf8489d1c50a36535d001bd0a418adad8c2fa9cb4482a8c	23	\\x74e857ff7df6c87300b3325a12c4c90b4bb4190ec23c51c50a9b51c6852cf626
25	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:02:34+00	inbound_key.created	operator	ada@stepladder-host	ea4ee070-0ada-441e-bbc0-dd07369d1f44	{"modes": ["USER"], "key_id": "YHofOetO", "actions": ["approve", "deny", "disable_jit"]}	\\xd22c5c788d729c7afa4aa24e580148a38da7231455a8d13e870ec0ce1ceba169	24	\\xa122d204830a7f90e1c8def64402faf1c3b7be58ffc473ecae7d745a94e043ec
26	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:02:41+00	inbound_key.revoked	operator	ada@stepladder-host	ea4ee070-0ada-441e-bbc0-dd07369d1f44	{"key_id": "YHofOetO"}	\\xbea741b3f12b75127364bf4cae365baa5b00f0ffb4734d12a0189459a1ca191e	25	\\xcff47b0d32a10eff5750d6e0c6827d10abeb16f13a6b90190dcf9c96cfdcb431
27	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:02:48+00	enrolment_token.created	operator	ada@stepladder-host	f5153620-e7c2-4b03-9f3f-0cd3a01f4f50	{"customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x83015828159ea31cb6cdc3bd1a488ffbd95601e2d854a002396e46be2605297b	26	\\x879880419dc409b065eb6018ffb384f51beea0b8eb04c0c01b89f0aa32b28e8f
28	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:02:48+00	endpoint.enrolled	system	enrolment	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	{"token_id": "f5153620-e7c2-4b03-9f3f-0cd3a01f4f50", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x7091b9a798a996bd9f7a527af3694355a274f6f2368040f3c4561c673c400eca	27	\\xbe77eb511cd47f5a0d0b4d0de5fee08d05951ff7c83f328bdb450516c63d3a2f
29	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:02:55+00	enrolment_token.created	operator	ada@stepladder-host	bba38636-6e27-4602-942d-767ba34c6a31	{"customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x5dd3ae758523a282ba70d51871949cb02476be408a34fddf8075cffd0b385f0e	28	\\xce22680e8d74f7a2a951c3fadc02b85759be6c3b70dd2d35b851cdf3a2bf1e0e
30	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:02:55+00	endpoint.enrolled	system	enrolment	b9966276-ec9f-481d-8e0d-f6c08565624d	{"token_id": "bba38636-6e27-4602-942d-767ba34c6a31", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x45c72b77ce80056e145475f1bd7a1af4fb6f5a2adb5775220859e34283159141	29	\\xb0dffcd6443376888f58e5e7903b239f39cc30aaa47f8624e39b04df342a7098
31	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:02+00	enrolment_token.created	operator	ada@stepladder-host	a5eea2a2-cb26-4540-af9b-975cfa1005b6	{"customer_id": "03eb0880-2c03-4c2f-8321-ecbbd2233ae7"}	\\x85cfe07883aff304e04ee1936b489de3a988f3ed597e6d0d40de8d7ee7798a3c	30	\\xd95710b2e798ed62b0dd693886992878295566c480b39cceb25ca11ba4981db4
32	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:02+00	endpoint.enrolled	system	enrolment	333eb798-1c0e-492a-8522-d4bf7d8126e0	{"token_id": "a5eea2a2-cb26-4540-af9b-975cfa1005b6", "customer_id": "03eb0880-2c03-4c2f-8321-ecbbd2233ae7"}	\\x5ae53ad71b142120e004b9eb544f91b5a08e1066477b110abb52c89cf410dace	31	\\x5976260ed3f2f875d63716750266feb249ecf8e49c4b779bb0afd4bb37ea03d7
33	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:09+00	enrolment_token.created	operator	ada@stepladder-host	ec1dcac5-e267-42f0-8298-47bbaac7c2ad	{"customer_id": "d9292825-fd95-4aec-bf51-951c403bd657"}	\\x46ceeea69351cedf5976261ef3d248634af5fd1b630277fded3661bb28f7e6c7	32	\\x6c9c5f5b2ba21d340726e8384a18ce4900e4f5acf5776a936a66d577c80dc614
34	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:09+00	endpoint.enrolled	system	enrolment	9f637c88-6f43-4e37-8ced-0f768c0f0743	{"token_id": "ec1dcac5-e267-42f0-8298-47bbaac7c2ad", "customer_id": "d9292825-fd95-4aec-bf51-951c403bd657"}	\\x79fb13801c4214c172700f4c55d2fd177c0c43db0ad7372f4acdb7dd75b5fb48	33	\\x9752a40532925372f69ac5a35104f417bb9d4307360a2f6a2409b714b3a5cb83
35	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:16+00	enrolment_token.created	operator	ada@stepladder-host	386dcc84-61e2-47b4-9ad7-1ab412da05bd	{"customer_id": "2fb41874-1c06-42c3-bddf-b588e2abf366"}	\\xbcf023a4bf6b866ecbcdda732e5d9eec73c3339023e1cd39563bf104d829feaf	34	\\xc4925e9799f2e04f10d6f4fe3ced8168cb5605d779306214e1a797e5eb2a4f6a
39	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:30+00	enrolment_token.created	operator	ada@stepladder-host	b518e135-17ad-4c57-8067-efdb06c7fa12	{"customer_id": "d4ffadcf-5767-4cd0-b272-3dddde89d022"}	\\xd084fc8b3d36c1cd5d152eb4ddafa6f39b7c6152b581e6f9287ad974629183b0	38	\\xc3b6517987cd3fbd8a1add28ff4246024fbb790d43ddc820090036c64c3a0cd2
40	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:30+00	endpoint.enrolled	system	enrolment	ad772645-6623-4f44-b6eb-1f81c9609a61	{"token_id": "b518e135-17ad-4c57-8067-efdb06c7fa12", "customer_id": "d4ffadcf-5767-4cd0-b272-3dddde89d022"}	\\xed55c7709d97b6379705c9196854b5b73095ccd1248f7a66c1155953c793df17	39	\\x4060f4558246e37af80ba39be3c4b3541a0f2b6159dd67f99f657ee1ecebd580
41	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:37+00	enrolment_token.created	operator	ada@stepladder-host	27e0dfb3-4733-42c7-b877-9a00407cef3d	{"customer_id": "fe8b9bc1-e477-45c7-9cf4-ce95933c7b25"}	\\xf2e582d32e1ae5c54d876572db2c28ea3a6b45e2094c0488fd1d603e70db09aa	40	\\xf821c85fd915f73b8076df24285fc086a89500cdf2bf5ea782374cf55c6308b9
42	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:37+00	endpoint.enrolled	system	enrolment	e15c8eee-48ce-420e-9160-c948b73ea4bf	{"token_id": "27e0dfb3-4733-42c7-b877-9a00407cef3d", "customer_id": "fe8b9bc1-e477-45c7-9cf4-ce95933c7b25"}	\\x5f90191962b301aaa2d0316e88fd21ae63b6a80a01f336cc7293913b0bbd4a7c	41	\\x0ebc141adc25065441cb0cd5bd4f58d6caa479b1f73cfbe10b95602c4e186a88
43	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:44+00	enrolment_token.created	operator	ada@stepladder-host	d4d17582-d9eb-40c2-a4aa-0a8584637abd	{"customer_id": "da91e4ba-423b-4436-b580-3830be6fc8c3"}	\\xaec282aa2fb226c2512ca0730e231e035a1908a72aeacebb9ec98b27c1f99937	42	\\x624d589f79924007ea948bd7763e263a458c045f130ebfe661c686ce7bac9290
44	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:44+00	endpoint.enrolled	system	enrolment	2a5dbbdf-6eda-4d80-97e8-aebdb460af51	{"token_id": "d4d17582-d9eb-40c2-a4aa-0a8584637abd", "customer_id": "da91e4ba-423b-4436-b580-3830be6fc8c3"}	\\xc2fd7f49cec9fa15eba756879bacc9de737e54a1addc845048a2d1200f04ce40	43	\\xd3a60bd553cc1c80c81aabd3d70fc9d266ec35c03e1802e96efa0d32acea9af3
45	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:51+00	enrolment_token.created	operator	ada@stepladder-host	d7ef662d-4485-40da-ba58-3c0af0c69d90	{"customer_id": "2c49e583-8f77-4831-831a-3454d73d8f0b"}	\\xf52a421c9c8290d6c4222ab6ae2a214e96a5eada612d23c6b2e6e7fe9ae82e1c	44	\\xc7b176c289ab1a0dd7566bc499aebeeef3f257e3eeed99ddd600b5af2af95458
46	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:51+00	endpoint.enrolled	system	enrolment	22e20212-183a-4775-9c50-ba3438d8aedb	{"token_id": "d7ef662d-4485-40da-ba58-3c0af0c69d90", "customer_id": "2c49e583-8f77-4831-831a-3454d73d8f0b"}	\\x3f873b7b16236776d45ac27431ec2a8ab7bc7bfe5dd24d27da4eb1fb05476d67	45	\\xdcaa2f4d91c4bd0a47d42cabeb0e17321e57fadc6d2ff8d7131586691ca845f5
47	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:58+00	enrolment_token.created	operator	ada@stepladder-host	f65c6471-6269-475a-93a6-008df8c71384	{"customer_id": "0da97529-2055-4f9f-9f65-f02931688bcd"}	\\xbfd8003d7775a7be573c4a3e4a43858245ee28044ee98d0154e4c767834de171	46	\\xc1405d7897861601367ebcdca0b053dc216516caa81f35bcead5d7cc7d9258ca
48	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:03:58+00	endpoint.enrolled	system	enrolment	97032300-bb96-45aa-903e-cc6703e63da3	{"token_id": "f65c6471-6269-475a-93a6-008df8c71384", "customer_id": "0da97529-2055-4f9f-9f65-f02931688bcd"}	\\xf083e9085fd2d2f36732c9dc7d6ae69981b16c549ba596a2a7ea8439b84a584f	47	\\xa21e31696b1c259cd864f29087eb78de183fed1ea5e2ad421de4d70b5512c1c5
49	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:04:05+00	enrolment_token.created	operator	ada@stepladder-host	e6e81b9b-59b4-4435-a0fe-bed52c8eeb13	{"customer_id": "b5148332-da54-4e61-b839-79d81eeeb925"}	\\x000726ff9eb82013b3cbc8f3d852509e2c5fa76a49caff7097de44e2148150aa	48	\\x3b615683d71015e2adaf084b9557303d3901a699e33e8f41b5555db2098d7e12
50	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:04:05+00	endpoint.enrolled	system	enrolment	7d5debc0-c52e-45e5-8343-59d64d22028c	{"token_id": "e6e81b9b-59b4-4435-a0fe-bed52c8eeb13", "customer_id": "b5148332-da54-4e61-b839-79d81eeeb925"}	\\xab6d56a4a3130fb4617d11ee1456fd788ac27f595901711e0d62c3c7b1961f3b	49	\\x0ebf949f649888d92a574befc5ae1ff4e5922054761cc0bed372934662eb1236
51	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:04:12+00	enrolment_token.created	operator	ada@stepladder-host	1f4b2b52-384f-486a-9a61-e4a4d15c7558	{"customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x825499f4bd031dff43b363a0b2ce2e641d30c261232ceee61b8076d6adec21a1	50	\\x4060d6bf039a5b89a7d69883b3771e914f8d33ea6acd5b3a6fcb05bb4cfa6dd0
52	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:04:12+00	endpoint.enrolled	system	enrolment	09322c64-e98d-4288-947e-eb52fc8533db	{"token_id": "1f4b2b52-384f-486a-9a61-e4a4d15c7558", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x3aceb301b598c2ee160f20e7d14e3e936c48d772104ebe227fd22cea243fb15b	51	\\x6d306a2087e0c6e82fca2d1c61df1a57660f433ee28edbdeb07eece7d1af524b
53	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:04:19+00	enrolment_token.created	operator	ada@stepladder-host	4bac80ca-bdf1-4c40-aa95-56f7372db988	{"customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x79ed41acbcc354ac0bb36f9233685b9d093442b915b8667f64336e4e1a2b6587	52	\\x8592881b44c42ad07de7442fe1075bd8ae580a80cf087bc679d7ac1c3c54944c
54	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:04:19+00	endpoint.enrolled	system	enrolment	3f698cfa-6aa7-4f58-bf26-648b1b2f5bbb	{"token_id": "4bac80ca-bdf1-4c40-aa95-56f7372db988", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x28a0d9784ef2d68ea02ddf9fe9058bb484524b51c51de8fb4f0f8b31b7b9ea00	53	\\x7b4cc53cca33a3c4b4df49b94cb07b73340cc78e59fb12b78a70315b77037882
55	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:04:26+00	enrolment_token.created	operator	ada@stepladder-host	c7abed7c-2764-4b0b-a334-a94691381918	{"customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x46494e66cae3f28b4582a368bd7f94aead241f4d60e6c9dc1a4956a98ee95de2	54	\\x2e685b5204c11dca5e8ccecff19d670033b62049625378228ba7f95accffb148
56	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:04:26+00	endpoint.held	system	enrolment	3803fdab-d9fe-4edd-bbbd-59e8f0698d52	{"token_id": "c7abed7c-2764-4b0b-a334-a94691381918", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x23ab91cb947bc1c384b00ccf40cd7943464592c646bdf784180f6fde6e4cc677	55	\\xea0af661d2647e060c2b73368e02e4f0029fd2a5603352f9c7fc1b71f1fe71b4
57	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:04:33+00	enrolment_token.created	operator	ada@stepladder-host	d1050108-d915-4c12-9924-d9c3293c86a2	{"customer_id": "03eb0880-2c03-4c2f-8321-ecbbd2233ae7"}	\\x897cfbba640409c53f7babf2bad9214aa05358f8519ba283c5335728cf9fdfb8	56	\\x073026bd242e5b2f9522939f65052c0590339684d8b44da3838f7b059918a0e9
58	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:04:33+00	endpoint.held	system	enrolment	f10da286-45fe-4ad8-8261-1a1d926f69b6	{"token_id": "d1050108-d915-4c12-9924-d9c3293c86a2", "customer_id": "03eb0880-2c03-4c2f-8321-ecbbd2233ae7"}	\\x61e6995d643b5db10d84866b3148153fb51d3ee1024f859990ab12c2081d7731	57	\\x37f4f1aeb8f903a3bf672e837cbcf57641883269546b78239dffa6b2f8cefbae
59	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:04:40+00	endpoint.activated	operator	ada@stepladder-host	f10da286-45fe-4ad8-8261-1a1d926f69b6	{}	\\x06a6e1b975bdd0a5050fd78129cc3f56e4cdaaeb38f4f88fd19d6abd2f7ae73f	58	\\x2c7bd5120e6b5df984a2670380bcef70f0cf292a876f236e1879b14c47ca5d53
60	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:04:40+00	endpoint.revoked	operator	ada@stepladder-host	09322c64-e98d-4288-947e-eb52fc8533db	{}	\\x30a1c907ac803db8daadc855f16229572ff7232d89607d4302ac1ebe71506dd1	59	\\x9b0f86cea3754e041b0d6d10266f158b1fce0a47e07ca35418bf2fc38593c156
61	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:04:47+00	enrolment_token.created	operator	ada@stepladder-host	df808df5-2f36-4d2c-97ba-e129423b3380	{"customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xdf057a987077f366e852c2887a0444c8a47a4451f9cb8c7ef000f0c40f837383	60	\\xc3709f2888e792eabd6414dc0e6e436dd31af4fd404049c7ae77027a0e879d0d
62	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:04:54+00	enrolment_token.created	operator	ada@stepladder-host	46a35960-077a-4a9a-8f31-838ca963db1c	{"customer_id": "03eb0880-2c03-4c2f-8321-ecbbd2233ae7"}	\\xae69cd96f03039c7a55d3ee23cef38d425922cd3cc3895f6d9f88cfb0ec607a5	61	\\xec7f8976af352a069cd6228b276db93f3dd52d6b9755632eabf7a25e9bf02149
63	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:05:01+00	rule.created	operator	ada@stepladder-host	61064897-92ff-42e1-88db-599eb8299424	{"kind": "USER", "sha256": "4c68b5efcff5f5ab34ab512ebb1659d6e72101007c49cdaa00b9016a3286c31f", "verdict": "approved", "expires_at": "2027-08-29T08:04:54+00:00", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x15556c63da15930a4c5da20e8a11b0154661c645146cd0157575445f49e4d81e	62	\\x09a5c6fd839dd9dc49531229ef1a388c9a8b88c3e9d38878506666c24f38a6b8
64	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:05:08+00	rule.created	operator	ada@stepladder-host	693bf422-c370-4a5d-87c8-3a7e4b30d277	{"kind": "USER", "sha256": "f592a79e0b82adaadc2fcc3f4c5a72db34d5cba4ce87eb7e9a2d8221e81eb2fb", "verdict": "approved", "expires_at": "2027-08-29T08:04:54+00:00", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xf68359e8a7e66fa320f68a47108d081d172fbe7a7261dd871c805bae85ea2dbb	63	\\xd519811b74a6b004f28a0f886d22e43685f48bc1b710df02d6d90da58b105f1f
65	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:05:15+00	rule.created	operator	ada@stepladder-host	0442a17e-ee7c-450c-941a-99af60f8bbeb	{"kind": "USER", "sha256": "a48eaa03b3f9d7dd2ee0ba46d5863161e7f7fe8567fb176005b945e622afc7d3", "verdict": "approved", "expires_at": "2027-08-29T08:04:54+00:00", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x559478437ad8845dba98da84c0978eb685f4b1373008fdd7a3dabe2abd3b5e2e	64	\\xd5a45751245636e0dc4dff61150a403ad0cdaa211f3631c6f2108d5a3774b807
66	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:05:22+00	rule.created	operator	ada@stepladder-host	b988e751-4beb-40ad-82ec-dd6f8c5d5ebd	{"kind": null, "sha256": "4b70a9058da8c92560c7db24d1f6a9bf8f0db18e55764c2d0f3a72f88a35d677", "verdict": "denied", "expires_at": "2027-08-29T08:04:54+00:00", "customer_id": null}	\\xcc8aaf8f69c5b25d1759022a086306aa7302474fc434375e95982b4484e1fabf	65	\\xd2e8cdd67e1d0e8f7ff18e335b1b5082e07015d0e60f1c57c0141d7de593e03a
67	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:05:29+00	rule.created	operator	ada@stepladder-host	9520efac-aa8f-4253-8cb2-d66e4f176d5c	{"kind": null, "sha256": "e33073ec04eb811f9ac99d40fa26c214334a82350b2ba6fdeb4399c6ede958bf", "verdict": "denied", "expires_at": "2026-11-02T09:04:54+00:00", "customer_id": null}	\\x990e83d628f77c67d62a8376b8c59e6abf921bc01858fbac53599139e0834539	66	\\xf0e0ec73ff3aa38860868d5f3e92dcb99f1befd5696a5d50d9f2233a3bb14616
68	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:05:36+00	rule.created	operator	ada@stepladder-host	ba17a95d-c369-46ce-a817-4e79ace2d015	{"kind": "USER", "sha256": null, "verdict": "approved", "expires_at": "2027-08-29T08:04:54+00:00", "customer_id": "03eb0880-2c03-4c2f-8321-ecbbd2233ae7"}	\\xa1fd887c471b1c41de98e41c0c22346edc55becf5d6b8f631b68960aa231b069	67	\\x4da1eb8bbb2163ed67b452f7f08a69400b79b4f21d1cfea8ffab3350e3f7d172
69	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:06:36+00	rule.confirmed	technician	6098000f-9458-4a08-b506-9ac8c2b90bf2	61064897-92ff-42e1-88db-599eb8299424	{"confirmed_until": "2027-08-29T08:04:54+00:00"}	\\x22a77d639bf08a0987080e4adbd49f43a30d52b916db0229b225af8a6459973e	68	\\x10062a467490ef3db1e71d770dcfdf201833ef6a05dc4810429b290dbfd4d7a0
70	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:36+00	rule.confirmed	technician	6098000f-9458-4a08-b506-9ac8c2b90bf2	0442a17e-ee7c-450c-941a-99af60f8bbeb	{"confirmed_until": "2027-08-29T08:04:54+00:00"}	\\xcb6d8313a50c364ec4c994b093d9e54a3378e671a5ce1e5520f136112937d990	69	\\x3ca5a6adebc4123a7a7d444861c51954289b806be95898322e3f731617242ff3
71	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:43+00	rule.ended	operator	ada@stepladder-host	0442a17e-ee7c-450c-941a-99af60f8bbeb	{}	\\xdad4a61bd24a22fe5cf4f24d2cca0bd57a5e5d770c8732f34be4ffb86ca5f22d	70	\\x43daf40502fe60105b98d52e30f47a78c84f543e816e13affebe28d8a37748ee
72	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:50+00	delegation.given	operator	ada@stepladder-host	03eb0880-2c03-4c2f-8321-ecbbd2233ae7	{"role": "technician", "technician_id": "55d23bf1-3600-4a2e-99ae-7ab935bbbe0f"}	\\x72196000914fc040bda78e7eda9bf3549694a7a41386b8233a95866be0f25db9	71	\\x3a446cc5d75043e20563ee75e8d527aee41686e899b64898779e7c575038de5c
73	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:50+00	delegation.given	operator	ada@stepladder-host	03eb0880-2c03-4c2f-8321-ecbbd2233ae7	{"role": "admin", "technician_id": "56592efb-46dd-44c9-be47-225c4cb4005c"}	\\xb5fc8ba3c3532619b1e4b128e3f6444da3904a895a5b927b32a0b40503803075	72	\\x738f90915946866936c11aec988c6455d9f39823b1d2617bde806e6fac368792
74	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:50+00	customer.changed	operator	ada@stepladder-host	b5148332-da54-4e61-b839-79d81eeeb925	{"request_lifetime_seconds": 60}	\\x5695e96e6b6c3075799c8965ee51916cd761aa8033195851b0d21389967e3c6c	73	\\x57b4e5bc9beb1ba3d1f5ec8bbb3f066faf4387e397d8b834405c8de281b48c8f
75	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:50.01+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	65ea77b8-18a8-4709-abac-66427cfab2b2	{"kind": "USER", "sha256": "32cd172edfda745d5950154edbd2ff2ce63ea331bbaf33ffc46f923ef4215ced", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x804b98389d9010c03920773fc2322fba0028809a7d3a9841282108dba35aa99c	74	\\x6e613293a2eabfcd6ca99eafdd15fc1c9882975e7f4cf361cb4efa79bffd3ea6
76	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:50.01+00	elevation_request.denied	technician	56592efb-46dd-44c9-be47-225c4cb4005c	65ea77b8-18a8-4709-abac-66427cfab2b2	{"kind": "USER", "scope": "once", "channel": "cli", "technician_id": "56592efb-46dd-44c9-be47-225c4cb4005c"}	\\x2fec60fe1e9c30d62896a4c0db641a1ec58dac70033f22f39879f41516868295	75	\\x7e00a95300f84177615dc15574915ae2a2903d654b40cc49516c06de2f14c890
77	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:50.02+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	745cd5d6-dd1d-4a5c-aa46-e170c7e836f8	{"kind": "USER", "sha256": "da0a821af47e253781bea547f91175e83a477253ebaea3261a5a73fd86984fc0", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xa18b8bb7a0e971b224690c7a05a6a563f2c6db6b340ae9a5fcd8e1e5922f8f6c	76	\\xd07d2511cb5f3c4c805116fc8a0bb316e9fc3ebe0a5a2505d13f5494d2f3245e
86	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	customer.unmapped	operator	ada@stepladder-host	0da97529-2055-4f9f-9f65-f02931688bcd	{}	\\x22b28a13d541cc26b9aa4f5597bf83ddb6cdc23513c49d107c33f575f0a6894c	85	\\x0d23ae1caee183ce3ed3ecc75df532cb7afbca7528a823307e61fa673381ba89
87	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	customer.mapped	operator	ada@stepladder-host	b5148332-da54-4e61-b839-79d81eeeb925	{"how": "manual", "remote_id": "4"}	\\x21bcc0d3e5799e61cf5c3456b349d5d53879dcee47e32652b750c0e47660e8b3	86	\\xe34bad51d3523ced72904b4b47c2a58773627c4bbe06d95c117b39436a15d18f
107	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:11:57.02+00	ticket.opened	system	drain	745cd5d6-dd1d-4a5c-aa46-e170c7e836f8	{"reference": "SL-KQB3ENXT42QAQ6TU", "ticket_id": "2003"}	\\x8c54d0c29237d7544bcdef45e3c82e0deb92db730d0812e4e10623a64f085b5a	106	\\x052b06618830fbb63139417040dbf6605952edc13f973a7a4921046ff5d7bd52
111	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-02 08:12:11.02+00	customer.created	operator	ada@stepladder-host	839120b7-0bad-4ce5-ac7f-cf934fa4c9cf	{}	\\xb398cd78036bb2642d4c0c06038ec806a1d3cba833769590dd8d64cbdbeeaf28	3	\\xa112941f427e754df863668b9c0695cb191ef650d63b84d51beaf5376c221975
113	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-02 08:12:25.02+00	enrolment_token.created	operator	ada@stepladder-host	f3089899-4b5b-4f83-8aa9-1ab5bf8d7cc5	{"customer_id": "839120b7-0bad-4ce5-ac7f-cf934fa4c9cf"}	\\x5f34d68f2c03ae61ad5baf7a04483f5459d5939c0ca53b6d2186f9bc794d23b3	5	\\xbfe34025ce57aeb757452e75c83af577f3d3c78a91f04c1bf535ebad4e1c6ea5
115	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-02 08:12:25.02+00	connector.created	operator	ada@stepladder-host	a86ec927-b8ed-4014-9c8e-7550bdb70009	{"kind": "halopsa"}	\\x9ab7846fd0d4e4f3f6efe44f6035ebe822e763de1b7f185b72053b8ff9bb80eb	7	\\x32f7e18b8f54ca2ff5afeef0bc168295af9cac5c28ec3889766d917a717d54f2
116	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-02 08:12:25.03+00	elevation_request.submitted	endpoint	b404c433-8f5d-4520-8e8b-7f109689698e	e5f126b2-566e-429f-bf99-733a933d7ea8	{"kind": "USER", "sha256": "2348f998744212575d85959674f9607ab26f67708a917157472832386337c904", "customer_id": "839120b7-0bad-4ce5-ac7f-cf934fa4c9cf"}	\\x2c9af2f6eab05a423b47a622e987f38649c8d13ba69761985a872d5fe5b05b08	8	\\x31b5e904922418cf6f43e7739f63913391a558a7c2c378d1edf7ccb6a4eb1672
117	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-02 08:12:25.04+00	elevation_request.submitted	endpoint	b404c433-8f5d-4520-8e8b-7f109689698e	26b0c421-9d51-478d-ac77-fed28102c039	{"kind": "USER", "sha256": "2687f86ed6784b8a5fca36e6c468e12aa44dc3c7e8137e3160d1a95079bdcd02", "customer_id": "839120b7-0bad-4ce5-ac7f-cf934fa4c9cf"}	\\xb2367c8e131d8aed64bd5c7540ccc385b5bff24ed1aa3ec458d5959cd2deb31b	9	\\xecf45171e45fa9b3ee8d8ceceef7b8f1919ff3f62bd2886a4a4a5b1a6869397e
118	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-02 08:12:25.04+00	customer.mapped	system	drain	839120b7-0bad-4ce5-ac7f-cf934fa4c9cf	{"how": "display_name", "remote_id": "1"}	\\xf2b1daf17903e4b9f788183f8af9ba50154e7457d19c958d4863e47ca2c54815	10	\\x465c5ff860adfd47c86cff2c6f5500547dd1f97f9f2c7803a9ca8a1e262e7a9d
120	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-02 08:12:25.04+00	ticket.opened	system	drain	26b0c421-9d51-478d-ac77-fed28102c039	{"reference": "SL-I6T2PNMM4NFDCU2N", "ticket_id": "7002"}	\\x15e9499f43422c0432564cb88a6e8ac877a54f37c5dc89c5e07eb963b1acc562	12	\\x7cb93a86ee76c3eb0a4fc8ab53476ccda895aba45d3111aacf3a5788dae7ee10
123	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.05+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	932951eb-4a16-44cb-b256-59502c515568	{"kind": "USER", "sha256": "5f9c2a147799c2644ded780d44983f802b0853ccf20782497c45d20ada35f84b", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x06940ce6bb207b05082e369b111a49203f826f5a694fdae7eb2a0e1b24b6dcbc	109	\\x2af0166dcb72d69a67e2bea55313257f963870cf4a846ec6b3dcba3f1e3b15ee
124	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.06+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	f3f4e255-e1b9-4aba-8a0c-77504f5618d1	{"kind": "USER", "sha256": "3b93a208f86316723b8de8095d26403f3241556b8a1da94e15dbcf98b03482d3", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xa62faa91fe0d07f5225b098bd3adfb66c23cad8ebee3b36ae9a4103c912f4b75	110	\\x6fc80281a445c5ce9176563e0f733dae7c27a6f5651252fd6fdc56c8fd7ba67f
125	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.07+00	elevation_request.submitted	endpoint	333eb798-1c0e-492a-8522-d4bf7d8126e0	79244248-6ea4-405a-b206-94d966d82619	{"kind": "USER", "sha256": "35121716a6c557e868a527641ca0b10a963fea2e002dd2529717c09b63589259", "customer_id": "03eb0880-2c03-4c2f-8321-ecbbd2233ae7"}	\\x95af03cb032d378c12a551537d3daec66f6da7451f2721214f025f2716361426	111	\\xa220639dd3bd03bac9d9e1f6da23c1cdec07e10b9d4e8296731a1143c1c26fdc
126	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.08+00	elevation_request.submitted	endpoint	333eb798-1c0e-492a-8522-d4bf7d8126e0	8ca13cb9-d43c-4dde-bdb5-b64b06a8da74	{"kind": "USER", "sha256": "4b985ace5cd938ab11023c29418b505f61d351d564c816a5467630c881cbcd63", "customer_id": "03eb0880-2c03-4c2f-8321-ecbbd2233ae7"}	\\xf1f868e0b770307147f75c2e71cc6b558483af176e5bf1bf7e66fabfba4a9eab	112	\\xa0588ababd6ca27f2ee73c52a2c9ca0baa617a3cdf55ca244665ad884d311402
127	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.09+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	8ede4660-a442-4752-8971-957d06267484	{"kind": "USER", "sha256": "8b47045eb7b8ca42aa967f33ee1d014ba89f8d1ac207426b482d34b5c0d90935", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x43e1768f389979ee79017b011ecdac1918c0b2c4e1c8129de866faee649b48ee	113	\\xf99c3f91a09c5dea7003bf0ac9d6d48f203d44def690ae4351a8553069e09311
128	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.1+00	elevation_request.submitted	endpoint	7d5debc0-c52e-45e5-8343-59d64d22028c	e5e9612e-ceb3-48f1-b43f-e2db0456c947	{"kind": "USER", "sha256": "fa64ea1e82e1206f828ab2a02917c7e92accb98e3b95881a1b4ad52b914b66e3", "customer_id": "b5148332-da54-4e61-b839-79d81eeeb925"}	\\x5c22b1b0a8f4c9503219d67f8f09496ed9e122ac54cab7c56537e716adc8fd24	114	\\xca8c44bc6b237f328a3fd64cd6c8f03a6eefc21afb95ee8d07024d79ef8937a2
78	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:50.02+00	connector.created	operator	ada@stepladder-host	c2b93b5b-2fc7-4348-8737-68837db8aeb3	{"kind": "halopsa"}	\\x1d99265a6f85e6de5db73eea59ac5771880fc13d751156184accfdbb8e4c1130	77	\\xe7c3285de7f0d04bbad73b033ac7294527fae0adce171d04f33b3cf17700cf9b
79	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:50.02+00	customer.mapped	operator	ada@stepladder-host	bcec82db-c2ad-449a-a199-64755e73502e	{"how": "display_name", "remote_id": "1"}	\\x22dceed2c1c5d895bb7ee00a44f9cbf226513fbd29f23fe6d948dd049b1538d6	78	\\x18b6b8fc3bc9b1d25da80601bdaef4f23e1bb8d69ea44316cdbbcd669869df2f
80	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:50.02+00	customer.mapped	operator	ada@stepladder-host	03eb0880-2c03-4c2f-8321-ecbbd2233ae7	{"how": "display_name", "remote_id": "2"}	\\x3a28b924ae54487040e7336b073ee35757b505d0478523e666ed3f13434611f0	79	\\xcce9f7815b0c04160fa5f8cfae14f8162e55bdf657057936da3328187583fe08
81	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:50.02+00	customer.mapped	operator	ada@stepladder-host	2fb41874-1c06-42c3-bddf-b588e2abf366	{"how": "display_name", "remote_id": "6"}	\\xe2ce15b47808cdeb50b56415b148040c5a58d14fe435d2f8be7394b545ad9be3	80	\\xb4aa0839f4a5c774498f96e82bb68b6cfbf4ad01090af4aa251eed3a6a89e854
82	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:50.02+00	customer.mapped	operator	ada@stepladder-host	873cde98-5e96-4dfb-8c9f-702dbc5f068f	{"how": "display_name", "remote_id": "7"}	\\x2c8262a73e392d9e1708f2034046a4433d8767e081861fd85aa187156c597e77	81	\\x5451547662974307a0ac9eec1c54d5726a74b172866db52a85bb74f1ce2a0a90
83	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:50.02+00	customer.mapped	operator	ada@stepladder-host	d4ffadcf-5767-4cd0-b272-3dddde89d022	{"how": "display_name", "remote_id": "9"}	\\x2cabd470399ed4cbc7bc5e3321a78ad9181ad56e6cb6b6b2c25e253099a28e5a	82	\\x21214d81a6334b7f6bbadfc3b38acf745c52316fb97586fa714d0b0b5f5385f9
84	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:50.02+00	customer.mapped	operator	ada@stepladder-host	0da97529-2055-4f9f-9f65-f02931688bcd	{"how": "display_name", "remote_id": "5"}	\\xd291197f623d53557b8805e3ca8093ae4f82cf9c8c2755ab98cac985febab57f	83	\\x289b7ee623a7bd9c2046dbfba139bf3e1c933ddbc5d5d252e610a3e6aa13040b
85	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:50.02+00	customer.mapped	operator	ada@stepladder-host	d9292825-fd95-4aec-bf51-951c403bd657	{"how": "directory_id", "remote_id": "3"}	\\x097a17c01bdaf909a1d999384ea83baadec70cb73bcc6686f7376f1ada454828	84	\\x6de89f342ab29187e86908e72594675ca616c980795b4f53d8a3282d5c38e7c3
88	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	halopsa_object.made	operator	ada@stepladder-host	1	{"object": "field.customer_name"}	\\xff9d571a5edf34fbfed911be61c49dd930264f6a9518fd96a993d86ecbe85de4	87	\\x7db73dbe3426a05ebe32778f0f43117a8f8b8d7cf0a3064e1d4b53c02854b628
89	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	halopsa_object.made	operator	ada@stepladder-host	2	{"object": "field.request_id"}	\\xb07b70213a83d076a0a98cd24fc4a4200b878ba8cf941a02a53b4692980f48ad	88	\\x3c9e6319168f0e6e73d477fc5ecdff3837edfde0fff2aceac512e9b549b5b27e
90	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	inbound_key.created	operator	ada@stepladder-host	242d8928-7a8b-43b8-9fcf-3b53cdb4aa64	{"modes": ["USER"], "key_id": "XETDFr8Y", "actions": ["approve", "deny"]}	\\xf02a364dd7c5f77ce0c2c73f9b91dabd308ad634caf25ccd61a022dcae643f4e	89	\\x7b2ea6c482f1a027bd73c33762bf753a4382de04076df208cd56b31122463d08
91	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	halopsa_object.made	operator	ada@stepladder-host	1	{"object": "integration.decisions"}	\\x9cec6493efea0f8e4457d1f61e5e182fb6870b3601f405f537f22d6ad60f319e	90	\\x3cebb2ead90ef0dbb373ce2ae9e2b77c9e3f2851394a58669d4b5495a17724b0
92	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	halopsa_object.made	operator	ada@stepladder-host	1	{"object": "method.approve"}	\\xe8c1e869a5d9b6e557d00e9860bc81eaa33ba75f83c1168923659afe209fa303	91	\\x56304c2e64355e659c4cf2451aec2cbdf70b2eddb3eb3f679d339693f5f3c0ae
93	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	halopsa_object.made	operator	ada@stepladder-host	2	{"object": "method.deny"}	\\x041d48cc50c4a7adb12005c3c42039018ef736066b6e5beb7fbcdbb96aa8dfb7	92	\\xdb442ee95ff2bd45d7f8c940b0e0e14a6315ae9a3e9db189020a784715f65873
94	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	halopsa_object.made	operator	ada@stepladder-host	13	{"object": "action.approve"}	\\xb53ec443a006ea4f3eb6d83bedd9a12aecee3a30917fc2d3b4045b71f5b7656f	93	\\x7cb6910ad670f491b6fc578a759226ca7be89a1b80a8be1ab8c0e8f1fdf45750
95	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	halopsa_object.made	operator	ada@stepladder-host	14	{"object": "action.deny"}	\\xad91ae927c8e24f7f1c3d7404545b20d7b9bde6bddb0fa9058042529681a4b67	94	\\x1639c9e8757b557aa99e1b59f7316b8dea3135e8f7672b3b0c3d020dafa398b1
96	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	halopsa_object.made	operator	ada@stepladder-host	1/13	{"object": "workflow.approve"}	\\x41b7fa246a16511ecb8e74327db83a06a23078a933ec0ff8d6fafeca4a4227bc	95	\\x561b365915ebd55e5804aff5914e78e0c1da43df3f4da6bda04cdbe81676cfcf
97	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	halopsa_object.made	operator	ada@stepladder-host	1/14	{"object": "workflow.deny"}	\\xc985323ae340a7fbc23ab7284c8e64f3dfc680e26d85f3536d2a4bbf03e25c1f	96	\\x90d49ffb5b8ea46dcecd7ad2cba170ff152635b8ac11dee0b9598eaee138cda8
98	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	halopsa_object.made	operator	ada@stepladder-host	1	{"object": "tab.portal"}	\\x092a825e2a3e2a78e349354a8ce466f6d4e779ce70eb6cc2646ee797dfbfd77a	97	\\xfdb9496c5d6aefc6b308d5772c8518095fed14904deb8e7ed4c4aa2a8c3df4b8
99	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	inbound_key.created	operator	ada@stepladder-host	d6c99d5b-806d-4774-81d7-d92bcc95a80c	{"modes": [], "key_id": "MxDKDq9y", "actions": ["disable_jit"]}	\\xc1df2f787b1cbcf25f794677a4151e73be773c15b60d7ab8171d613f1983d17a	98	\\x2e360c775a62bbc3350da4b7e5ab9edb6495947c26917e190602a1e0cd4b1084
100	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	halopsa_object.made	operator	ada@stepladder-host	2	{"object": "integration.jit"}	\\x5157c88cb79e4dd3a3b800c9ceba8726ae153017b84b6b97a5a4307d1e108f7b	99	\\x6aaf454accbbfb1b58157c745ec5f4fd98ce474970b237286be1335e98936fcc
101	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	halopsa_object.made	operator	ada@stepladder-host	3	{"object": "method.disable_jit"}	\\x8dcd3cdadfdecb553188a7f1fb685f3eee8a4ae23ad7110666524e89f31580fc	100	\\x15dbb1db9a8b6148d4d063ea5e3b1f9d8139016feac90f57ee82eb0358bb94bd
102	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	halopsa_object.made	operator	ada@stepladder-host	aa4fe401-a855-4a6f-a9f0-2e2dd7a77fde	{"object": "runbook.disable_jit"}	\\x0e859acf838c8fcd608ac22dd9f22326c021d1b1d9386aa6feb16a531bdaad2a	101	\\x3373ac2ba1e15bd2d343ba14ce954efdbcb2b72d63833c7c85f8245a7e2b3f1f
103	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	halopsa_object.made	operator	ada@stepladder-host	1	{"object": "runbook.trigger"}	\\xeaaf08156cf205121b225f8635e09dee3f912f8b85d256c3b131ff080b56899f	102	\\x85971437838902c96e04a56160205b7cb29ba6516401b005dbabf2e55e1cc783
104	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	self_test.opened	operator	ada@stepladder-host	1e1b01fb-2253-420a-98e9-2cb3f9471ca6	{"button": "approve"}	\\x1e81101c648e349277a8985cc7841d8f56565cf9d66ba7a51313124438b9cbde	103	\\xecba48742ff20a55b7c8fbc6b49bf2dd5d0ed4406755f8d8579b020327af7b26
105	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:07:57.02+00	self_test.opened	operator	ada@stepladder-host	385f8eb1-f01f-49c8-94ee-96214feed7a3	{"button": "deny"}	\\xea0a104659c0442d8c4a08c7af3991454c192be3f8568f39ac7a7c0509c22524	104	\\x8dea963fe148fa50b609e6fc5bf259c48e7ee7eb85171891183b5ae6daee7853
106	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:09:57.02+00	self_test.arrived	inbound_key	XETDFr8Y	1e1b01fb-2253-420a-98e9-2cb3f9471ca6	{"button": "approve", "verdict": "approve"}	\\xfe017359e0bb7fbb2be25280ed0e81a1a782806453d838749f1f3100e1e0fd7a	105	\\xb8480cd25fd35d5512dac07d1a837ab9e400011704e953039dc1347f8b3984fa
108	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:11:57.02+00	test_ticket.opened	operator	ada@stepladder-host	c2b93b5b-2fc7-4348-8737-68837db8aeb3	{"reference": "SL-GGGOBA47Z2O4HOVP", "customer_id": "03eb0880-2c03-4c2f-8321-ecbbd2233ae7", "remote_customer_id": "2"}	\\xb22f6dbdfd46172b0bc84133ec060fe99cafda2d7dfe175dc7792fba8ba31f94	107	\\x2e566f3d792311d4581ffbeb159bddd0156cfb6e73cb787560f7cf4446cbc515
109	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:11:57.02+00	test_ticket.ended	operator	ada@stepladder-host	c2b93b5b-2fc7-4348-8737-68837db8aeb3	{"outcome": "closed", "reference": "SL-GGGOBA47Z2O4HOVP", "ticket_id": "2004"}	\\x8bad69a88b225827b95372310fb9c71a78294de0ad70f980c4cd92afba7b974a	108	\\xd6263e9cb5c415856993cf0605e250ab60994b7c69052f9c426bb8d02698934b
110	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-02 08:12:04.02+00	technician.created	operator	ada@stepladder-host	f45fe58e-88c5-4aa5-bd88-6e4da8164c9d	{"role": "admin"}	\\x708aa73bdb167a7bf73736c0a0a24d2540ee7c851c4de45f9a5c0700825ee754	2	\\xf8b8d05de39c7a9d25f82aca14269cc839b72935cd10b76dba7e2c1e3c5aa906
112	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-02 08:12:18.02+00	inbound_key.created	operator	ada@stepladder-host	04969e68-3c2e-4dbd-bff0-c60dc4605e4c	{"modes": ["USER"], "key_id": "IshKDblR", "actions": ["approve", "deny", "disable_jit"]}	\\xd6000bf8bb2ad42cf5bab5bf53397d7f361bcb35140678c8a54add3302ceaccf	4	\\x8caed1e22b873c4a1568bc8d293b1c964f4d68d3f122e8f9abda091de2a2da4b
114	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-02 08:12:25.02+00	endpoint.enrolled	system	enrolment	b404c433-8f5d-4520-8e8b-7f109689698e	{"token_id": "f3089899-4b5b-4f83-8aa9-1ab5bf8d7cc5", "customer_id": "839120b7-0bad-4ce5-ac7f-cf934fa4c9cf"}	\\xcef14359ebe60f958e001d12dd046851a12fd9d11ca2ed1f5b5ab4ef11924652	6	\\x689508c49ce34a1abb06ea023f5bb512421086cd7bd6e6ab59e6bdb79b8fa788
119	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-02 08:12:25.04+00	ticket.opened	system	drain	e5f126b2-566e-429f-bf99-733a933d7ea8	{"reference": "SL-RWI2KBL553PPOBK4", "ticket_id": "7001"}	\\x3dfece8fe8e4dcaaac09d14eb2c79879ddb36e0d2129ea466b1c0920eb94939f	11	\\x4ffc04cd22c1f87f89050b3a416ebbf009c4cbbbc05c55fac5d7e09072514ff3
121	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-02 08:12:25.04+00	elevation_request.approved	inbound_key	IshKDblR	26b0c421-9d51-478d-ac77-fed28102c039	{"kind": "USER", "scope": "once", "channel": "integration_api", "technician_id": null}	\\xcfef58a2c9e5459ec72086980ec7a59ba73e4b900e06c55bebee3a8b8f5e1c4e	13	\\x542fb50c8caf9a5b017e4f87b06f6682ea791095af43bb1fca5a8812deefcbd3
122	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-02 08:12:30.04+00	ticket.closed	system	drain	26b0c421-9d51-478d-ac77-fed28102c039	{"ticket_id": "7002", "remote_person_id": null}	\\xefb0443cb1584983b8493fce0b53a7743091e799a0619eb492feb3540d31fc87	14	\\x660dfb37c675a9c43a28a9dd27a6c19d682f5297cff322449d8b306d5fbb23aa
132	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.1+00	ticket.opened	system	drain	8ca13cb9-d43c-4dde-bdb5-b64b06a8da74	{"reference": "SL-YQUBPMWAF5X5OMO6", "ticket_id": "2008"}	\\x91ad36baf9eee16aa0a02f281858162bf48432e5da09e97f3615b3551a4048a4	118	\\x91c42d8e669550e189f240ba61c103b3fd40b06bb3ea94495685fddcffd47ffd
133	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.1+00	ticket.opened	system	drain	f3f4e255-e1b9-4aba-8a0c-77504f5618d1	{"reference": "SL-EM3FOVWAF7LMPOP7", "ticket_id": "2009"}	\\x11a2b07b5ebf593b836ff1a79a79f2348d0805b03ddf968db706b11b99e378fc	119	\\xad48d9b464a7922d8359e19f748c1d21ff245c86a9b75a0e9f54b2bdf5b9ca6c
135	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.11+00	elevation_request.joined	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	932951eb-4a16-44cb-b256-59502c515568	{"repeats": 1}	\\xe773abb1a81b2c69646ab3c2074c24f04a9b30a8ca696e3f097eaed55d7e4084	121	\\x1dec4acbf576a31aa06af56cc3a4cf21310d7970edb23bdbee7400a65012c723
136	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.11+00	elevation_request.approved	inbound_key	XETDFr8Y	932951eb-4a16-44cb-b256-59502c515568	{"kind": "USER", "scope": "once", "channel": "integration_api", "technician_id": null}	\\x17785d19a08fce618ee04108fe3d91a63180dcf7b8edbde28077f403252abc41	122	\\x101dcc24fdbb5b468b1f9963900ef76e4658cb7ac5e5209a2e8ec0c558dace3e
137	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.11+00	grant.issued	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	932951eb-4a16-44cb-b256-59502c515568	{"kid": "b5035a9facf749b8"}	\\xc3751c750e98c70efe9845ed6e613c1c3578bcf5732759aefbb2c984e0f79cfd	123	\\xa895ce5178ca3d09ebb233b6f8e5eb6df97a252e5040d9fac10bc25ed0772e14
144	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:13:31.11+00	ticket.closed	system	drain	932951eb-4a16-44cb-b256-59502c515568	{"ticket_id": "2007", "remote_person_id": "3"}	\\xcf78d663c399d02fed05557432c7e5501506126fcaf01a33792b5cd7f6f8f1a7	130	\\x0d53a42911212fe1bab94a40b9add6eb96d519ff8db8d2d406fd3dadb7b2f45d
151	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:13:36.12+00	elevation_request.approved	system	policy	8c55cba3-e0e8-4793-867f-5f7658be6b1b	{"kind": "USER", "scope": "once", "channel": "policy", "rule_id": "61064897-92ff-42e1-88db-599eb8299424", "technician_id": null}	\\xdade4ab5bc13e3adf205b44b57ab371a43878b478293f356dd2daeda610856cc	137	\\xd57b371d98ee492392c11179365b6895d390918aa3532a5b440be1022f45195e
152	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:13:36.12+00	rule.used	system	policy	61064897-92ff-42e1-88db-599eb8299424	{"request_id": "8c55cba3-e0e8-4793-867f-5f7658be6b1b"}	\\x6dabe0e55c7279ef2bc181f1e8f78454ef85614969dfd0ae1fed441ab5d639f2	138	\\x07403b655ef0a1dcd6e4752eeb428cffb94886cd5159a5780947a7c1122b8152
153	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:13:36.13+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	0ac37b89-9dd4-42bd-9de0-db17ceaeb104	{"kind": "USER", "sha256": "4b70a9058da8c92560c7db24d1f6a9bf8f0db18e55764c2d0f3a72f88a35d677", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x602eb335b1a6500920902e1fd2fbc4acaf3fbba58b8af5c6dccb5806dc2229a8	139	\\x39f2d63bcff03d78d94ae2406f80b8568f358f76348bdbe2c7c93d1dd67bd4bc
154	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:13:36.13+00	elevation_request.denied	system	policy	0ac37b89-9dd4-42bd-9de0-db17ceaeb104	{"kind": "USER", "scope": "once", "channel": "policy", "rule_id": "b988e751-4beb-40ad-82ec-dd6f8c5d5ebd", "technician_id": null}	\\xb94755e783b2a3d2e2dfed09148ff1b0a7f1aa018bed87894a08b2c84663a8fb	140	\\xc13cbc667cadd8234e7257b243d3f14d5a941fe073cc89b9c75981388870d841
155	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:13:36.13+00	rule.used	system	policy	b988e751-4beb-40ad-82ec-dd6f8c5d5ebd	{"request_id": "0ac37b89-9dd4-42bd-9de0-db17ceaeb104"}	\\xeff7ed2a9a6fe3ba0a73e776eaeb08d5118868638f69883639f1e84cc8c98942	141	\\xd518e4d4f1747cf5323a42c7833dc189edb817b4f4223e85c595a1eeea0277ab
156	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:18:36.13+00	ticket.opened	system	drain	8c55cba3-e0e8-4793-867f-5f7658be6b1b	{"reference": "SL-34OUZHGNABQSVY7M", "ticket_id": "2011"}	\\x036ceb06b76e8125e4b43114db11bdef6f5a43381fe7c419d0c8b105ee622ea6	142	\\xc5bb70eb8dbec22ebbd954f91ad2a3a642cb7b576249b5e13021307f29e86bf7
159	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:18:36.13+00	ticket.closed	system	drain	0ac37b89-9dd4-42bd-9de0-db17ceaeb104	{"ticket_id": "2012", "remote_person_id": null}	\\x134ddf34804719fe5c0354ca294ba93e38c57f53fe2ea8f10607e1ede64a9365	145	\\xf1ce74addcce66744c6563e6f752be972ceda7c00e79826b9b2f4ff73dc2e5b5
162	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:18:36.15+00	elevation_request.submitted	endpoint	11502eff-a141-4b2d-b831-e1728cf1d245	da839164-fc70-4008-9bd4-9ecc3b8b10f8	{"kind": "USER", "sha256": "f73bbe53bcc658a4bbf2e19dc29453a440cba7cf0da0cfb5b93bceb76bae07ab", "customer_id": "873cde98-5e96-4dfb-8c9f-702dbc5f068f"}	\\x36b6cf06b6a1b0561d66be73cfef2155934525b71619c08cd200ed35054e1afd	148	\\x1b508ae563f5aa6f7c8488f2cb25a2a2b26895df923459b7e2a4bfd87de528d7
163	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:18:36.16+00	elevation_request.submitted	endpoint	ad772645-6623-4f44-b6eb-1f81c9609a61	f347e95d-8934-4d8c-b625-2c36ba17489c	{"kind": "USER", "sha256": "51847fba47490958c16b13024753bef6f646ac88e331250ae5bf71a34771aed7", "customer_id": "d4ffadcf-5767-4cd0-b272-3dddde89d022"}	\\x4b24ff85129514a39898b7a7936a7e5f3d741a38707f0feeaf090334343d7e4e	149	\\xfc963b6f14aee2afca6b53b23f62f2b7d14c2d40b6140c98cd4296221b035c65
164	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:18:36.17+00	elevation_request.submitted	endpoint	9f637c88-6f43-4e37-8ced-0f768c0f0743	0656c066-1d99-40f2-b7f7-963f7c15832d	{"kind": "USER", "sha256": "2aaaabbd3ad1016a92f4533a47fb60924d1cf848f5f8bddced5f43b041f14b2a", "customer_id": "d9292825-fd95-4aec-bf51-951c403bd657"}	\\x66efbb9c532fec31d09d1e565ae096fbf010dad0ae3a02be0c2e25af4883abb9	150	\\x3148985375301290ecaa6878800933eb58a2cf370d9ab6e3656588b0cd5050e9
165	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:18:36.17+00	ticket.opened	system	drain	f347e95d-8934-4d8c-b625-2c36ba17489c	{"reference": "SL-DSPD6XP2ZLCM4ATJ", "ticket_id": "2013"}	\\xca831f8ddee0e6693ad5da7319131036a9aa19ebead93d870a16d1a6441a5443	151	\\x51494854492820385c742642b8fe9d24be2ca548076a6ffc6dae378ce03fd26b
166	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:18:36.17+00	ticket.opened	system	drain	0656c066-1d99-40f2-b7f7-963f7c15832d	{"reference": "SL-723IS7IVGZSX3CZE", "ticket_id": "2014"}	\\x39b8d31616cd44bb42f02289e227bfa482416a9831cd6412c020734e4003ddca	152	\\x3e90ec17c1ed0511c4dd79891c9c27038574f17f06a49aff0e180fbe9caa2c3f
167	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:18:36.17+00	ticket.opened	system	drain	916c21c9-6d7b-4f80-b211-3c57c3b46c54	{"reference": "SL-AUUFOI3QL5NO6Z7I", "ticket_id": "2015"}	\\xead4832c9fea0f2f694af7b135bfa7cf520fe964b9bdc54445dcdaf1391d316b	153	\\x1f1cc0d8e2ed4705496da9b45ee11ad9a4594269f089ad9fbddee144505c4386
170	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:18:43.17+00	customer.remote_gone	operator	ada@stepladder-host	d4ffadcf-5767-4cd0-b272-3dddde89d022	{"remote_id": "9"}	\\x10c34001fdfa2b75adaa3d231807846c545de9db75689fba0dbfec63f5d4237a	156	\\xdd9b533540b6588b17bf0f8fef039816cc6e0aac7497f9f10f89e5584d1c5eee
172	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.18+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	28872720-c658-450d-9bf4-d907f16f0489	{"kind": "USER", "sha256": "bd89e37bcb029287fcd492276f8b6bab60297b47a747d29aebc752550a0610b4", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x87e4f57504bdaf2bf40aa429b5fe740e56ea4e14f1aca04c2a8f4910e064c1e8	158	\\xe4672429cf8547f17f334dd00634b1066b0f2aa7768ef9ec8addaf9ba47f3c67
173	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.19+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	758950ac-e40a-4c25-8bcc-50175b0a29ba	{"kind": "USER", "sha256": "3f8f09c8e09f712b362183db69f4f061bd948d7a61e7663b585d723602c559b1", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xd65fff47061df9bca67d9fbaeeef7afd094ff1d0b2977e095a0f3d71f30b2310	159	\\x13a3d88c33d9d566c2b12389e8f225d217a56afde6823284bda6b7efdf5b9260
174	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.2+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	4bfa42d8-eaa2-4e12-a046-871452636cc6	{"kind": "USER", "sha256": "dcade5d6d51a5541a11c45b57c67c649df132d6b4ce7c79591bca14612b69042", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xa0bd4cf4c7e54402f77f66181d4cf0cc5079061537cdf2c78c203f59f5fcd7b3	160	\\x46f46a277541dfcb1ca20e51db4d85668498f65e8818b972bc40f36739a7cc66
175	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.21+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	21d9bd67-f6ec-4f25-99ce-46991c56a7b5	{"kind": "USER", "sha256": "1185f37d33b0f89e331f101a51bb8e51165c7efda15950b86a3ebcbb363f898e", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xbfe9b7098cec7a6569ce8447adbbc35f9c6030416efcdd45281e516f5d58d0c8	161	\\x05f94a9eea4a592b60814f5728101ecf3924fd3cbc15c37af2db8918e530eb46
129	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.1+00	ticket.opened	system	drain	79244248-6ea4-405a-b206-94d966d82619	{"reference": "SL-XN4BDOSWO2VGDLLP", "ticket_id": "2005"}	\\x6c90c59db03954e44a9f39e66b2b79703c555848a98c6aaf07dbb44f2e608e86	115	\\x6691cecd800b0e2bd41efc92bb8a56785cdc535f961e511db0d05901325459c5
130	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.1+00	ticket.opened	system	drain	e5e9612e-ceb3-48f1-b43f-e2db0456c947	{"reference": "SL-EGCQCTMUUUYQAMA2", "ticket_id": "2006"}	\\x024589187383a8bf0bb129639b2034ddab8b855459003fbee5d8a9ed8bc6b54b	116	\\xedc53bff953623c8ab465123223ec16d249b3597a9752182c69b5afd60c19d12
131	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.1+00	ticket.opened	system	drain	932951eb-4a16-44cb-b256-59502c515568	{"reference": "SL-X4TNR7MZ2A3HPGZ4", "ticket_id": "2007"}	\\x15d82180c780a975f524b17f692027323f5b08e378f3a5ad34f4a67628c8cc3b	117	\\x424014d3dd42f0e4b6c10ff6a4df191d11b295a00ec126597cb44be10c989844
134	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.1+00	ticket.opened	system	drain	8ede4660-a442-4752-8971-957d06267484	{"reference": "SL-YELIH5UH2IIPMJGE", "ticket_id": "2010"}	\\x82dd0109dc53dd6d9f6b0a8ffb8860a54dd4a2e85b6297b697b24305361c0ebe	120	\\x36aa111fb451f9bbec4c1918febb5edf17d0d96a6e08e7ee00af2cc421fa42c2
138	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.11+00	elevation_request.approved	technician	92104469-ae89-4330-b280-2a4d0d697e57	f3f4e255-e1b9-4aba-8a0c-77504f5618d1	{"kind": "USER", "scope": "once", "channel": "cli", "technician_id": "92104469-ae89-4330-b280-2a4d0d697e57"}	\\x53e963cde17cb6d61bb6545050fd2b3d1da6808bef65a2881fe014caef00dcc8	124	\\xf138f6155d156d66c0ad1c2f3c21155a35daa95670e84f468b675f8eb0290c9c
139	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.11+00	elevation_request.denied	inbound_key	VWttOAOz	79244248-6ea4-405a-b206-94d966d82619	{"kind": "USER", "scope": "once", "channel": "integration_api", "technician_id": "56592efb-46dd-44c9-be47-225c4cb4005c"}	\\xd965c9f79980762724799cfa8df4548d1795794eaaf3f0de5509c2379179fb5f	125	\\xd96bb2f76319e931c3ded9e4485cdc89e45a3710a7d4dfbc110651f197025e76
140	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.11+00	elevation_request.approved	technician	55d23bf1-3600-4a2e-99ae-7ab935bbbe0f	8ca13cb9-d43c-4dde-bdb5-b64b06a8da74	{"kind": "USER", "scope": "once", "channel": "cli", "technician_id": "55d23bf1-3600-4a2e-99ae-7ab935bbbe0f"}	\\x75b960d534f4d63d6907a0ddb63afefbb57b61fb3925874537c722895b447519	126	\\x8ec06a90b9a521ce8f345fb2d847fc4e2e7a7c3b5f5a05e7e95e7bdf749d8f6e
141	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:12:30.11+00	elevation_request.cancelled	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	8ede4660-a442-4752-8971-957d06267484	{}	\\x537f9125e835aa34bb6faa9671a81abc75b78e680bd6b36acc1c9b895c3d1281	127	\\x473c8d156f28f46d1823c4862bc070c07ce0e321a3a6aeb7339c7531f810948e
142	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:13:31.11+00	ticket.closed	system	drain	79244248-6ea4-405a-b206-94d966d82619	{"ticket_id": "2005", "remote_person_id": "3"}	\\x6eeb19cc4efde95666e870a32dce981084328c230b5439c173a379b1934f0782	128	\\xb5c99b5dce627f0b25c2053f05acba0ce9fec092aa5be7aff2c78ba9b5299b44
143	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:13:31.11+00	jit_account.disable_asked	inbound_key	MxDKDq9y	56592efb-46dd-44c9-be47-225c4cb4005c	{"customer_id": "03eb0880-2c03-4c2f-8321-ecbbd2233ae7"}	\\x6202bd0625cad4f5494b19d840cf90813beec159e4e48801642f7b658c2f2114	129	\\x7e2391f08f863bfe758e16d3cb234b66aef03404850fb0b82e85781d66b7f716
145	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:13:31.11+00	ticket.closed	system	drain	8ca13cb9-d43c-4dde-bdb5-b64b06a8da74	{"ticket_id": "2008", "remote_person_id": null}	\\x3e91f1f772b59d6adafdabd28664b6212d5ef8cd2cf70e4c22f1329c23063e07	131	\\xe50a5994ad6b86b877f384f1d2ac3f6d85265777135b14cffa6d4eb9ec111bf2
146	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:13:31.11+00	ticket.closed	system	drain	f3f4e255-e1b9-4aba-8a0c-77504f5618d1	{"ticket_id": "2009", "remote_person_id": "4"}	\\x181ab13c8a699be882c48b4df34e80ef92e2608119fd39ab7956c9c313394be9	132	\\x9e2906d23a9fb3931aecd1669eb14db7e8547daf695a62d6c62dae6aba920e0d
147	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:13:31.11+00	jit_account.disable_asked	inbound_key	MxDKDq9y	92104469-ae89-4330-b280-2a4d0d697e57	{"customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x82dd1c852ceb41a549f3d80f23e928c6867bf0701717809f4bf28f1ad29abb01	133	\\xa0b8d418473cfb6f77b98e5ec1dcc1725cb6aa59dd671610a849758b43385b94
148	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:13:31.11+00	ticket.closed	system	drain	8ede4660-a442-4752-8971-957d06267484	{"ticket_id": "2010", "remote_person_id": null}	\\x0c9630894aa9cc5275fd42361ee689facb0069c910d2b1e868b4fb43a8c4f833	134	\\x5cb466485b30fc4db42d3511e973edb7450e9bf2ac7509df36248777f107e880
149	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:13:31.11+00	elevation_request.expired	operator	ada@stepladder-host	e5e9612e-ceb3-48f1-b43f-e2db0456c947	{}	\\xa0ea8b8d9f8f22e18fb8790225dd856fc12473bee48bd36c6a6a46c2db5466a5	135	\\xbae262dece84cbb88458f36479eded77bb40cde220dc642ac4bf2c7e255b9245
150	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:13:36.12+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	8c55cba3-e0e8-4793-867f-5f7658be6b1b	{"kind": "USER", "sha256": "4c68b5efcff5f5ab34ab512ebb1659d6e72101007c49cdaa00b9016a3286c31f", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x6bb637a6d7a79d206836052e40b47e09fdc69554de10305d409a8c365d07beae	136	\\x34b3414ac5860f321776c3ff17fc244aac5cb1f5ed3dddcfd09851f548cc339f
157	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:18:36.13+00	ticket.opened	system	drain	0ac37b89-9dd4-42bd-9de0-db17ceaeb104	{"reference": "SL-LHDLW6UDPB6IMC3H", "ticket_id": "2012"}	\\x6a99554720a5a9a66b6f259f6fee1c9adce66ceb16add194628eb181bbb92232	143	\\xfb2f453aa665faac83cc8f141366511b4dca0c94915aae5a9bd5b45991b600a1
158	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-02 08:18:36.13+00	ticket.closed	system	drain	8c55cba3-e0e8-4793-867f-5f7658be6b1b	{"ticket_id": "2011", "remote_person_id": null}	\\xedccf97f42bf3eff9d7f8ec1284ef03a348aaeb527b27358911ce7a1735653de	144	\\x7b12397b0a0bc1673be51b6ae2b32af9d540b114c271ee672f166dc81e3b034a
160	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-03 08:18:36.13+00	inbound_key.elsewhere	inbound_key	SIpNW4EW	87b457c8-0dcf-4bb8-b6ac-fbb134fe7928	{"network": "192.0.2.0/24"}	\\xf01e638e3aede04a764e291ba2f573426708a382b48d0597cfd5b0446099c683	146	\\xd84d5fae035f92ab1e9180e2a7754b7b7bbcc633a1b627e044007ca7eee9d16a
161	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:18:36.14+00	elevation_request.submitted	endpoint	23dc971f-515d-4b07-96dd-2cb262fa0f37	916c21c9-6d7b-4f80-b211-3c57c3b46c54	{"kind": "USER", "sha256": "260c0709964a9dc88669f6f8f41b50ec41cd4ae96efe63aad413c7657966ee21", "customer_id": "2fb41874-1c06-42c3-bddf-b588e2abf366"}	\\x1e863cb098efe262f8d5a383949ce64bcbdbab72341d82670bfeb9b20fe7862e	147	\\x4e45a4f127c179e6631867d7ed56c8bd239ad3a20d47af2ec70f5e99b79b8bf6
168	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:18:36.17+00	ticket.opened	system	drain	da839164-fc70-4008-9bd4-9ecc3b8b10f8	{"reference": "SL-6MYKS7LITWW357PS", "ticket_id": "2016"}	\\x4dc8ce637c466ba6a3fc081d0fdcfe5da40b92acf4cbf0f102fa30153fea13e5	154	\\x25d6c9f43f992d57101501b74f905808b0b7f6ee8329e2cb8737ab2bd5125f14
169	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:18:43.17+00	customer.changed	operator	ada@stepladder-host	2fb41874-1c06-42c3-bddf-b588e2abf366	{}	\\x39b522b0aeca20a32106d208f2a66c1008152ececf6f4149bb46f0d8265f7b9d	155	\\x6417ddf05b64acd8f9af851032a8ff779d26d51956e27cdab7060152f80bcac3
171	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.17+00	ticket.drifted	system	drain	f347e95d-8934-4d8c-b625-2c36ba17489c	{"drift": "customer_gone", "ticket_id": "2013"}	\\xa38e71282ade9b9434da0b5e226359738ffb8899add2c23813dc0183a918f7d8	157	\\x2e37d2db9dd2a12c351c50ab27ee4a25c02642dbe9bcb3323546c9e1f9a41ae7
180	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.24+00	ticket.opened	system	drain	758950ac-e40a-4c25-8bcc-50175b0a29ba	{"reference": "SL-EEMYDS3VJBNEAFUV", "ticket_id": "2018"}	\\x569c8de0e0b481a47222a2f03f984ca6f191683e1185c4797393baca0a9b5ee5	166	\\x83fd717a1605c6c8718774ba851096338f2daf11bcba734a8135a140cc4a1f8f
182	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.24+00	ticket.opened	system	drain	21d9bd67-f6ec-4f25-99ce-46991c56a7b5	{"reference": "SL-5H744RX35I3GCCPN", "ticket_id": "2020"}	\\xdd0eb70d7c474919fd58f8c2c0d9c065efffb2679ff5e5da98d96e5fbee6e495	168	\\x15b668757eae5e9a63e6535840bafba836fa032b772e3b9cce930308d43e646a
184	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.24+00	ticket.opened	system	drain	3a6095a6-3528-49b6-a1b8-6fbc373e4b57	{"reference": "SL-SEHZLQUY6LER5BHS", "ticket_id": "2022"}	\\xbada6a9c9939f4abdcc4cbe14d6cbeab00b91e8784686cf345b932d506539f5d	170	\\x0c2074997db21e20fa92f26f2603e5a1d4dd128387a6eafe865271975e685cdb
187	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:20:24.24+00	ticket.drifted	system	drain	4f3b79a8-a461-404b-9c46-10c3c6286899	{"drift": "moved", "ticket_id": "2021"}	\\xea0c2769c358dedd8210802815b96d4f6316bedd863fbf321dd0bc7229ffc5c5	173	\\xaab9a030faa6c5e952251f82101115ff4f25a09e33d32f55a4aa8de2f4e43a6d
188	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:20:24.24+00	ticket.drifted	system	drain	758950ac-e40a-4c25-8bcc-50175b0a29ba	{"drift": "merged", "ticket_id": "2018"}	\\x1854cda1c37c9ed01b2b30411e149b64d15f2425ee2c61bd43dd080e1992aec9	174	\\x122e904fd4d16fdc430b55dab0cfa1a857baaab89fe4675bcd03fee91687fb9d
189	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:20:24.24+00	ticket.drifted	system	drain	28872720-c658-450d-9bf4-d907f16f0489	{"drift": "closed_by_hand", "ticket_id": "2017"}	\\xa5604e185c2a05ba7b6ba717900fd76fc1a76a63be4e8b93a0a69d326c21e104	175	\\x6960c6cfd7af04287ed74e330afcb6972364457b5ff655f16bc1df8a5cfdc5b0
190	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:20:24.24+00	ticket.drifted	system	drain	21d9bd67-f6ec-4f25-99ce-46991c56a7b5	{"drift": "deleted", "ticket_id": "2020"}	\\x8718da1cce2cf9692616f5b702d639d9f8fc1464dfeb5ba0f0322630c6d5292a	176	\\x006ceb4ee5008d056a30cadbc9bcd258cb8534e9f8fc87f2b6596da0a8309509
194	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:20:46.24+00	ticket.fields_mended	system	drain	3a6095a6-3528-49b6-a1b8-6fbc373e4b57	{"fields": "customer", "ticket_id": "2022"}	\\xc5e1e46eb424432ca45a37f6ae76b238035093ba2dc8a314085689a305543cc6	180	\\xada01b91f1867cfad5436384c26be0f6b8990405a781c57df8f62188924b767e
195	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:20:57.24+00	ticket.drifted	system	drain	3a6095a6-3528-49b6-a1b8-6fbc373e4b57	{"drift": "fields_edited", "ticket_id": "2022"}	\\xa455978ee4b418a60191ef71c360482db4338c989f3af0c171eec797a9ebfea3	181	\\x0ff7da20076cd89b1151738aae86a102d532b8c2acd5462a1590cd4fda39b53d
196	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:21:08.24+00	elevation_request.approved	technician	56592efb-46dd-44c9-be47-225c4cb4005c	01448758-81de-448a-bdbf-fdfc1f7820c6	{"kind": "USER", "scope": "once", "channel": "cli", "technician_id": "56592efb-46dd-44c9-be47-225c4cb4005c"}	\\xf75e1bc5eb07347bfcfa13475c696f751f5ac5e512e2d2b07b3e81f34d1e2feb	182	\\x9ab9dfb7c24b49b17194afd72f706e4b803fa4b20b00d8b6b04c2fc5e425eb99
197	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:23:08.24+00	ticket.needs_attention	system	drain	01448758-81de-448a-bdbf-fdfc1f7820c6	{"code": "halopsa_gone"}	\\x4d9187b6eeb2e0c5bf9b79fe01cc4ec5fede9431f4700378597c770da9ea233c	183	\\x95876eee463a4ed53343978efce90237c3a560b6bea0af189a89146a6287e641
210	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.35+00	ticket.opened	system	drain	390157fa-88f1-4187-bab7-95aef370777e	{"reference": "SL-WWIIVLGCOG2ZJQFT", "ticket_id": "2025"}	\\x46dd377564203884f1ddab270ec436054eaca4a1110b4313d217c98614de52bd	\N	\N
212	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.35+00	ticket.opened	system	drain	7fa03bab-cfc7-4297-81c9-0b0e3a379cca	{"reference": "SL-BS4QBCHPSVFSC6LJ", "ticket_id": "2027"}	\\x11f18fcbc2b8e4a6a31d882e2a1915ca29ae02fc141a909c56992e9dbaa2f130	\N	\N
214	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.35+00	ticket.opened	system	drain	ddc4003b-32dc-457e-8692-b8be8b475263	{"reference": "SL-PSZKHSDNDSUQN34T", "ticket_id": "2029"}	\\x218eb9ac0c39d713364f22d69b4a45536e854e61c7a8dd38c7bb2a8fb5ecd761	\N	\N
216	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.35+00	ticket.opened	system	drain	0f1fed52-4c5c-40e5-8f9b-3b981b9d96b4	{"reference": "SL-Y6A7IMLIGKWBQUWM", "ticket_id": "2031"}	\\x3183539718d3955e601b07188dff6a793f269db11c8a6c1c093a1dc7df16ab29	\N	\N
218	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.35+00	ticket.opened	system	drain	793d63d6-ef7d-47b6-80d7-d31ef7168c69	{"reference": "SL-DURGRH4RJLPP32KA", "ticket_id": "2033"}	\\xeb7f644945ceffd2df84b07055b97e528fb9119c6e31ad601eee3bd23c946295	\N	\N
176	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.22+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	4f3b79a8-a461-404b-9c46-10c3c6286899	{"kind": "USER", "sha256": "5edd1832df25e2f1a72585c0ee55c1e585e7f4902eb1d15f7abf1c71c1b296ae", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x675103e063e8c4230a9692779ccc353df59e40f8d084a590256bf25237e7a660	162	\\x73b4807305687523a857fdab21ea90bb6419240e96bb2746b203d06d8ee6a74e
177	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.23+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	3a6095a6-3528-49b6-a1b8-6fbc373e4b57	{"kind": "USER", "sha256": "708cf15ab2b072e96ed31f8b78de2be1ca015eea0eb241329d4e4a49a5df4352", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x89d8cabb732380eba60763fe62ec1af9d6c69edcc31bd980188789f72b09e0fa	163	\\xe2265f9df0b2a3be0fe4e6d659606d9e5e7ea1d5b8c6fcaff3d39658d399385e
178	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.24+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	01448758-81de-448a-bdbf-fdfc1f7820c6	{"kind": "USER", "sha256": "283bb9deef02e6843abfb538efa1eca70801bd8a701c3f98191e123496339247", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x9b1d9856e851e29e3301323abb0e632cd773dbf80bd826464a12c41c080cdad5	164	\\x2f621357de57c3723d0abc33bc79fd4adf5c9d783ded3c777a8d1e6bef6aea34
179	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.24+00	ticket.opened	system	drain	28872720-c658-450d-9bf4-d907f16f0489	{"reference": "SL-RQKUZODSO2EYVI6U", "ticket_id": "2017"}	\\xc5d1ad17f8a8aa0bf5d98c1a5c618e2ba827c47cebedb29070b15b0b6d8de507	165	\\xa7342903dbd7f40e9cb5986ead167c59044e682bc0432ed57dda02d1edf7a2b5
181	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.24+00	ticket.opened	system	drain	4bfa42d8-eaa2-4e12-a046-871452636cc6	{"reference": "SL-63G4XSMTOTLBPK5B", "ticket_id": "2019"}	\\x6b4c002e8f1b3a663768b7320ed6b18d2d5d84e59d3174740bb71e1a369bf954	167	\\x30d5ae0b0b9c79f8cfe7acf0190d0a0ea6dcf9119c8ab2fbc3d9ce1adf908ae5
183	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.24+00	ticket.opened	system	drain	4f3b79a8-a461-404b-9c46-10c3c6286899	{"reference": "SL-VF6L3UU3JBVWZAVM", "ticket_id": "2021"}	\\x43d027865319b2eb8227829dffce3236decdbf8b31c8d5efa5c443e2e1b0738f	169	\\x48ec3d32da4bd7d1d838211e73dbbe045011b4bda577cdd5b67a99b1f428cdf8
185	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.24+00	ticket.opened	system	drain	01448758-81de-448a-bdbf-fdfc1f7820c6	{"reference": "SL-DPAZHYSEE3CJHVSX", "ticket_id": "2023"}	\\x23eaa830f356be3d0ee43e1e0951da52aa783200be6a507c60fb122d74d32f95	171	\\xf4318b50ef83f481772635a0cc96e1faf495d9baa1e3cf0b17be33301bfdcfaf
186	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:20:24.24+00	ticket.fields_mended	system	drain	3a6095a6-3528-49b6-a1b8-6fbc373e4b57	{"fields": "customer", "ticket_id": "2022"}	\\x5ed41ce95c4f3d369574e6b79d058fbf2ef493fa29ee46f6cde95205e1572983	172	\\x86a9aa436a88ecbc7fa951d25031abddfb32d5beedbc8b96a87b1bc852e97a54
191	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:20:35.24+00	ticket.fields_mended	system	drain	3a6095a6-3528-49b6-a1b8-6fbc373e4b57	{"fields": "customer", "ticket_id": "2022"}	\\x9f0206dfa0fa19c80aaf0d2e8e93cf7803ee43ed1234d49e46c3a765ea11163c	177	\\x0cea6e7ce33bda08b9094010be160c3120bfd0b08c553e560909707dc3739898
192	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:20:46.24+00	ticket.remarked	system	drain	758950ac-e40a-4c25-8bcc-50175b0a29ba	{"ticket_id": "2019"}	\\x6cade331f4b29d74393cd344da80cf0fd712fcd7f4f780e5f19a7cdc5f704563	178	\\x1a64a996389efb9055e21d275555b349308578eb3b45ccb5ecfd49137d36f1e5
193	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:20:46.24+00	ticket.remarked	system	drain	28872720-c658-450d-9bf4-d907f16f0489	{"ticket_id": "2017"}	\\x16da20f0d1c4a389b709edc4538bf4d5fe56c8b5ffb393d55bb61b6473459eb2	179	\\x7716acb304f9536ee557d90b101f1a11f6564adeffd804772b9438e8bcede1c2
198	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-04 08:29:08.25+00	elevation_request.submitted	endpoint	b404c433-8f5d-4520-8e8b-7f109689698e	471a30d3-cc79-429e-98ec-62eccc61c7dc	{"kind": "USER", "sha256": "406ec7233dcb137d9d0cecf381b762b42bbf619fa504699cd679f98e5ca417ec", "customer_id": "839120b7-0bad-4ce5-ac7f-cf934fa4c9cf"}	\\x0d0746f9265ca5484f5593a5d033e2a4fcd8325f58e0c6abe915c322cc24cea8	\N	\N
199	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.26+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	c306796f-db52-4646-a021-cef35929a29a	{"kind": "USER", "sha256": "cf05a4bc8aed73c79269d34c6f7c79a28e208564867105f528576b6b72ccd83f", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xb278309252743fac9ea10bc7a746f62122b14d1a2a546e43fdfaa8a845e47af0	\N	\N
200	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.27+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	390157fa-88f1-4187-bab7-95aef370777e	{"kind": "USER", "sha256": "0f06bbf84c7c9d3a5eff9fb379af418c779ebad3fb20aefd71e7bd09691fc85f", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x48a570610dad8e2222a808302f6e83792fc0d2367663561073cdc3c8ab9c5aff	\N	\N
201	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.28+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	28c5d69f-6635-4cb7-95a3-a067a3f843e7	{"kind": "USER", "sha256": "721f55729c8c1dfb29d25470b0b74f90002f30a2b955fc6188dffd5067665908", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xc17bac109fbf391891adc2bbbd9be0263d6658667939c9607ba4289384ef9ffe	\N	\N
202	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.29+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	7fa03bab-cfc7-4297-81c9-0b0e3a379cca	{"kind": "USER", "sha256": "835999e834982ba52a43c3b5cc29238e91306d4a5740a7b990166b5f9a1b0ff8", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xefbe043cf391c38f9a833cd387e497b5a4b21e9165fd7fc14fb74f9035f9436c	\N	\N
203	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.3+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	b6bf8b59-d38e-4e99-983f-0ccac785ec19	{"kind": "USER", "sha256": "eef0eb9b3b9a8f58d1c6a336019544af2e713fd94f505d91334c833d5159d111", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xa99a26d35a268c687c9a546b1647516c25348004adf999c8e82257ec64a4b0ea	\N	\N
204	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.31+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	ddc4003b-32dc-457e-8692-b8be8b475263	{"kind": "USER", "sha256": "62f39c4793358e71d7c7ffe3d5e9a18c25c7257bf4a21bdeafa9e673d4023628", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x00610ec8a792820ba3757bb43cce3c5bec049a0655a9187ae46067a700252dff	\N	\N
205	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.32+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	2ac9229f-d5fa-4596-a54d-fc7b1df75916	{"kind": "USER", "sha256": "36a572cc0541654c5a719048cdfa8ec797cfabae7c649d7be0ea9962c79dd380", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xf20066f91b05922e6c81276d6142c283be5da5e0a59d7716a150e481bf2dd13f	\N	\N
206	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.33+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	0f1fed52-4c5c-40e5-8f9b-3b981b9d96b4	{"kind": "USER", "sha256": "1f610c86eb0d06f2947b897e79bcf1870a3985abc8b1e47ffe569f6fac2ce22b", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x8c484b5694fc37a9996e7eeeab7c6b03fc01f87c7c3a9a8b2ce0278974953df9	\N	\N
207	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.34+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	d8aa77c2-3a46-4b57-a50f-ba1a32fee48c	{"kind": "USER", "sha256": "9c8d221708438d6616c330b230e211cf078d6f60b035f5e84107bd62024e52f2", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x3e67e948c77fcced43e67bed9bb56c8edde78553873163a7f8e9fee5013af99d	\N	\N
208	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.35+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	793d63d6-ef7d-47b6-80d7-d31ef7168c69	{"kind": "USER", "sha256": "13827afb794c12a5abfeb3f2b5bd20c4e76d59bb53022b1dfd67c553561a3df8", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xac79e255b9c284439c5fd8d057e317a00c0668d4bf9969ae7290883ab313fd49	\N	\N
209	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.35+00	ticket.opened	system	drain	c306796f-db52-4646-a021-cef35929a29a	{"reference": "SL-HHBBDZUAPDTQINWH", "ticket_id": "2024"}	\\xb37fe12509ba5d3698ce5fea92e7f05dfbaeb015441541f29100ec849c65823d	\N	\N
211	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.35+00	ticket.opened	system	drain	28c5d69f-6635-4cb7-95a3-a067a3f843e7	{"reference": "SL-CO7Z6AJYELRXVI4Z", "ticket_id": "2026"}	\\x895c255dd7e3890901dda0d74feaa82f2e4c84f12782ea365fe424091b5c20ec	\N	\N
213	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.35+00	ticket.opened	system	drain	b6bf8b59-d38e-4e99-983f-0ccac785ec19	{"reference": "SL-MSLWTSNV23IB7JMY", "ticket_id": "2028"}	\\x9f539d9493d62351fa090e9fcc2729ae7edada021216aeeb83b14beda6fff4ed	\N	\N
215	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.35+00	ticket.opened	system	drain	2ac9229f-d5fa-4596-a54d-fc7b1df75916	{"reference": "SL-4F46T4IVJURAO7R3", "ticket_id": "2030"}	\\xa0e2531b4c9c2e1d6493054ebb2113f3ccb3838fb11a0f985d445b944cb7e567	\N	\N
217	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.35+00	ticket.opened	system	drain	d8aa77c2-3a46-4b57-a50f-ba1a32fee48c	{"reference": "SL-5JZCN7PU2LRPBFJR", "ticket_id": "2032"}	\\x925e4e25e2647b37ed5a91f4c2f091f2dc05bb8417808b6b6c0e6c1877441d09	\N	\N
229	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:56.38+00	ticket.opened	system	drain	61ce1124-9c74-454d-af14-47664fa8fdca	{"reference": "SL-WRUEHYQ5UPCUASCQ", "ticket_id": "2036"}	\\xb4afb3312ce528741cd9d2dbb26abf44261b1e9cb7c42194cf19e72f165ad8c6	\N	\N
235	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.39+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	a9e6cc55-f37a-4047-90f0-3586590627d0	{"kind": "USER", "sha256": "16c4389660de1dd9d53505d961c146c7238fb55af3b77093ebaf39f1ea03cc99", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xa355af88bdec96cba88abb4aa2f5d01d30028c5a4aea2d1694d3c51f3d890370	\N	\N
237	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.41+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	95eb4387-5938-4dc6-b314-24b213572a3f	{"kind": "USER", "sha256": "9ea25e29fe45cddcf643285b12e4c143fcc6f6ea5df82c2b77f1216606174021", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x8569d5884e4777eac5d496f0ae2d079f2129cc07051c0b8bee85364c0b6ae12a	\N	\N
239	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.42+00	elevation_request.denied	technician	56592efb-46dd-44c9-be47-225c4cb4005c	c26394b9-2c26-48ec-abc4-3a444b830447	{"kind": "USER", "scope": "once", "channel": "cli", "technician_id": "56592efb-46dd-44c9-be47-225c4cb4005c"}	\\x37be5830e74893b85595ba27458bf977500a3df0cf8a664ceb102399dc872b51	\N	\N
240	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.42+00	elevation_request.approved	technician	56592efb-46dd-44c9-be47-225c4cb4005c	c9e78e92-549f-4fca-81fe-eb42e5a71c35	{"kind": "USER", "scope": "once", "channel": "cli", "technician_id": "56592efb-46dd-44c9-be47-225c4cb4005c"}	\\xb9f7770e6dad7f975fe66d3ffe978c8c2275578b0abda1a3169b692f8e6f18c6	\N	\N
241	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.43+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	15fa98c5-701c-4549-8525-b2aba0fde4a9	{"kind": "USER", "sha256": "f4d705b9945e1a355ded5e1ee06ab2dfd4d76de696c247d851976337287d1ce0", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x669ae85be7855cb757e0b39f841409e0a4fffd143022c4deaf0d33e75e5c91d5	\N	\N
248	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	ticket.needs_attention	system	drain	34845e68-5172-4605-8ca4-b397af204b25	{"code": "customer_not_mapped"}	\\x0a33537d068e386d5a8eb4a72c74e64fbe71778cba7f32a35e9f211e6540cf4a	\N	\N
249	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	ticket.needs_attention	system	drain	f1853a5f-e5d3-448e-a9f0-ea9ad13aebc9	{"code": "customer_not_mapped"}	\\xeb48177330e5510ce8c9eb451603cc09e362c3076fe132457a5eff2cd99ebfcd	\N	\N
250	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	ticket.needs_attention	system	drain	1250d14b-f167-4702-9c0f-6638dac9b7d6	{"code": "customer_not_mapped"}	\\xbfec7dec709176665630b0d6d667382f592297c571083cf927db12d7f7eb10b2	\N	\N
251	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	ticket.needs_attention	system	drain	bea680e5-b11b-4451-8745-8cff275efbec	{"code": "customer_not_mapped"}	\\x277b30f682c3a3113fbaa501dd914e1b6f34e6ed692ed573ba88a4ddc487d77c	\N	\N
253	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	elevation_request.approved	technician	56592efb-46dd-44c9-be47-225c4cb4005c	28c5d69f-6635-4cb7-95a3-a067a3f843e7	{"kind": "USER", "scope": "once", "channel": "cli", "technician_id": "56592efb-46dd-44c9-be47-225c4cb4005c"}	\\xe556645525e6e9d150e7068077a304f5c811fb0807d8dbb721089eb5f1f64b97	\N	\N
261	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	elevation_request.denied	technician	92104469-ae89-4330-b280-2a4d0d697e57	da839164-fc70-4008-9bd4-9ecc3b8b10f8	{"kind": "USER", "scope": "once", "channel": "cli", "technician_id": "92104469-ae89-4330-b280-2a4d0d697e57"}	\\x1a05f7782a43d71a47926e0fe04439afab302bec66ea83593863b8d80a7ac22a	\N	\N
219	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:15.35+00	endpoint.revoked	operator	ada@stepladder-host	11502eff-a141-4b2d-b831-e1728cf1d245	{}	\\xcba705204d90e36c7118660ac61234fdce0a8a6c059df7dfca86d286cfcabe66	\N	\N
220	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:15.36+00	elevation_request.submitted	endpoint	7d5debc0-c52e-45e5-8343-59d64d22028c	76dc21ae-3de5-4b1d-9bfa-dfb100d1ceab	{"kind": "USER", "sha256": "7038dedb22f1eafb467ac263ceaf9dc55327f339c1dcae858b0bd9675aa71fd5", "customer_id": "b5148332-da54-4e61-b839-79d81eeeb925"}	\\xf1e4df8b39998091959be4d95ca78009b8aa524c1221e093c459a7179b2e4048	\N	\N
221	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:55.36+00	ticket.opened	system	drain	76dc21ae-3de5-4b1d-9bfa-dfb100d1ceab	{"reference": "SL-JNAC4SET5TWUGK5I", "ticket_id": "2034"}	\\xd7127f4e2a326d7d10b2bb22a64da803e504a5995fd2b0c50196a6682cd60a3c	\N	\N
222	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:55.37+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	87788321-d1ff-4793-a951-177fcbc73dde	{"kind": "USER", "sha256": "4c68b5efcff5f5ab34ab512ebb1659d6e72101007c49cdaa00b9016a3286c31f", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x72861983fd66bb00aa1be8565b4564a20148fdfaa9dc34b72a73c277da054d68	\N	\N
223	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:55.37+00	elevation_request.approved	system	policy	87788321-d1ff-4793-a951-177fcbc73dde	{"kind": "USER", "scope": "once", "channel": "policy", "rule_id": "61064897-92ff-42e1-88db-599eb8299424", "technician_id": null}	\\xb18341a9beebe8ed047d9f792e913c28311a3cfaaf55ea27533f1a6420f65959	\N	\N
224	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:55.37+00	rule.used	system	policy	61064897-92ff-42e1-88db-599eb8299424	{"request_id": "87788321-d1ff-4793-a951-177fcbc73dde"}	\\xf18857782a601a7566e665aef55073efc8dd14eba2a51d240b0ca4a36f0693eb	\N	\N
225	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:55.38+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	61ce1124-9c74-454d-af14-47664fa8fdca	{"kind": "USER", "sha256": "3b93a208f86316723b8de8095d26403f3241556b8a1da94e15dbcf98b03482d3", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x8383df822059c2154ab8e9005f8a028c26b1dfe4363d74f453a27edc16c4dc8d	\N	\N
226	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:55.38+00	elevation_request.approved	technician	6098000f-9458-4a08-b506-9ac8c2b90bf2	61ce1124-9c74-454d-af14-47664fa8fdca	{"kind": "USER", "scope": "once", "channel": "cli", "technician_id": "6098000f-9458-4a08-b506-9ac8c2b90bf2"}	\\x3921357314fcf267d6404c0d180cfccc1c57d3518399f410edb0d49fe00e7d77	\N	\N
227	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:55.38+00	grant.issued	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	61ce1124-9c74-454d-af14-47664fa8fdca	{"kid": "b5035a9facf749b8"}	\\xdcae4f1b21b29e9a5082ea9df577a48643de6fb2ef7ea45e8cd2800f6ce341f6	\N	\N
228	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:56.38+00	ticket.opened	system	drain	87788321-d1ff-4793-a951-177fcbc73dde	{"reference": "SL-6UQY7KCU2ZOC4HFD", "ticket_id": "2035"}	\\xa4a6e260f5cdc78cf62aa9fe81aa287e9c2e5f66cc5257e548a294517a90548f	\N	\N
230	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:56.38+00	ticket.closed	system	drain	87788321-d1ff-4793-a951-177fcbc73dde	{"ticket_id": "2035", "remote_person_id": null}	\\xac2b9c82a368b6c662cbbf182d3d376401a3413c2baa95ab0959b0661ea18146	\N	\N
231	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:56.38+00	ticket.closed	system	drain	61ce1124-9c74-454d-af14-47664fa8fdca	{"ticket_id": "2036", "remote_person_id": null}	\\xa48eabb10b1f75add07f7ba7d75f00b95b8da2fda3ec51430d4f1c323cabc8bb	\N	\N
232	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:07.38+00	ticket.drifted	system	drain	390157fa-88f1-4187-bab7-95aef370777e	{"drift": "closed_by_hand", "ticket_id": "2025"}	\\xaefc38992c0d6832e68af4b84bb4c94ce5b90abe7c8b39d8e4688fe6dfd96ada	\N	\N
233	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:07.38+00	ticket.drifted	system	drain	c306796f-db52-4646-a021-cef35929a29a	{"drift": "closed_by_hand", "ticket_id": "2024"}	\\x7360da262ffa73cd9e306fff955c1e65d7d4feb707a602c1c2bf8f25fc26229e	\N	\N
234	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:18.38+00	ticket.drifted	system	drain	2ac9229f-d5fa-4596-a54d-fc7b1df75916	{"drift": "closed_by_hand", "ticket_id": "2030"}	\\x8f74e77408c8d690ce1ee6e9ff89c732bf50e8f61540d612762e453e43c1c184	\N	\N
236	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.4+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	c26394b9-2c26-48ec-abc4-3a444b830447	{"kind": "USER", "sha256": "d1624a88940b73bda2de9987af8ae0d2fc0cae9124335a83f0d281032473d37c", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x320bcd839971cb2d00ab95ab7347843f252034c30a2fbacdbc4d98ec34c971e4	\N	\N
238	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.42+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	c9e78e92-549f-4fca-81fe-eb42e5a71c35	{"kind": "USER", "sha256": "0d150aa485ad69ccf7a17cc4659e3e008d23b778d41828d0350cccec59d01d05", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x29573ff456545416a6ec559bbda8ca64c7cf036c5f486c466c786f08d60ea04e	\N	\N
242	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.43+00	ticket.needs_attention	system	drain	15fa98c5-701c-4549-8525-b2aba0fde4a9	{"code": "halopsa_rejected"}	\\xed794570de4da6409576229b7c725bbd6c56d408a52fbf14b71475c5d1d0034a	\N	\N
243	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.44+00	elevation_request.submitted	endpoint	3f698cfa-6aa7-4f58-bf26-648b1b2f5bbb	d61b5c8f-bec5-490c-91d0-012d83f40963	{"kind": "USER", "sha256": "16d79713fa05466859e2d81f3de2c89420c1e223216a56915fa3a78116b547e8", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\xebd0cb5df79f38e39cc510b1fbe7a7dd56133fd5bebbdc6bb947c9032a8288e0	\N	\N
244	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.45+00	elevation_request.submitted	endpoint	e15c8eee-48ce-420e-9160-c948b73ea4bf	f1853a5f-e5d3-448e-a9f0-ea9ad13aebc9	{"kind": "USER", "sha256": "c18410d412493000d38f10d2f2dac8713435f6b2dc9d1957519f3fe2ef7b8195", "customer_id": "fe8b9bc1-e477-45c7-9cf4-ce95933c7b25"}	\\x99b27d01a69ccede175996a37f9beadde8f49f5daf727bf1e4458d211e28b23e	\N	\N
245	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.46+00	elevation_request.submitted	endpoint	2a5dbbdf-6eda-4d80-97e8-aebdb460af51	34845e68-5172-4605-8ca4-b397af204b25	{"kind": "USER", "sha256": "b857081288c44790ea8cf55031d3d7a2faec106fcb9dbc7dbe241737bb01643e", "customer_id": "da91e4ba-423b-4436-b580-3830be6fc8c3"}	\\x019cc5fd1fad9a370ec063d0ac51320467f9adf9119e06ad23510f4326d28261	\N	\N
246	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.47+00	elevation_request.submitted	endpoint	22e20212-183a-4775-9c50-ba3438d8aedb	bea680e5-b11b-4451-8745-8cff275efbec	{"kind": "USER", "sha256": "9d07f3e5912c3dabca36d9964077001df15c98df6c265ca60fbaf2f253508fd6", "customer_id": "2c49e583-8f77-4831-831a-3454d73d8f0b"}	\\xaafcee604b1f302cb8a4b08bc3c449b1c689fac654a0f702deaea0934e139913	\N	\N
247	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	elevation_request.submitted	endpoint	97032300-bb96-45aa-903e-cc6703e63da3	1250d14b-f167-4702-9c0f-6638dac9b7d6	{"kind": "USER", "sha256": "fb13da75d5d122021cdb8782fc815bff9e2622bdb631e521b208a5a5f8714798", "customer_id": "0da97529-2055-4f9f-9f65-f02931688bcd"}	\\x1643ac3cad8eeb91d97984ad71407a77557ad8867e0cf4b084ac0bb5807a3673	\N	\N
252	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	test_ticket.opened	operator	ada@stepladder-host	c2b93b5b-2fc7-4348-8737-68837db8aeb3	{"reference": "SL-OY3L37LXY45Y2RUV", "customer_id": "03eb0880-2c03-4c2f-8321-ecbbd2233ae7", "remote_customer_id": "2"}	\\x36d202200442c9b857b1d6fc283eab0769867eab23ef47772a0d1c3474256d64	\N	\N
254	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	jit_account.disable_asked	inbound_key	MxDKDq9y	56592efb-46dd-44c9-be47-225c4cb4005c	{"customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x1591098bfda6f9fbb5040bd9b0e69ecb4ab73bbcde7f2ca9d89fe81c70870340	\N	\N
255	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	elevation_request.approved	technician	56592efb-46dd-44c9-be47-225c4cb4005c	7fa03bab-cfc7-4297-81c9-0b0e3a379cca	{"kind": "USER", "scope": "once", "channel": "cli", "technician_id": "56592efb-46dd-44c9-be47-225c4cb4005c"}	\\xdf2cc84046a8325c4c1421fd1582d870ae725b3077552db7d11302078c6b6a35	\N	\N
256	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	elevation_request.approved	technician	92104469-ae89-4330-b280-2a4d0d697e57	b6bf8b59-d38e-4e99-983f-0ccac785ec19	{"kind": "USER", "scope": "once", "channel": "cli", "technician_id": "92104469-ae89-4330-b280-2a4d0d697e57"}	\\xabd81562a372d9f8d202220f74d88df4179f4af1fa7dddd844bd4b9ad3581699	\N	\N
257	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	elevation_request.denied	technician	92104469-ae89-4330-b280-2a4d0d697e57	ddc4003b-32dc-457e-8692-b8be8b475263	{"kind": "USER", "scope": "once", "channel": "cli", "technician_id": "92104469-ae89-4330-b280-2a4d0d697e57"}	\\xb22a9938fcc6952e17b184ff0f9e04fff26d16801c538a93c1ba1a8492558c18	\N	\N
258	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	ticket.needs_attention	system	drain	ddc4003b-32dc-457e-8692-b8be8b475263	{"code": "halopsa_rejected"}	\\x2f318347298203cbcfe14962c7aef708fa613e0be72045e8b396803a3ff79bce	\N	\N
259	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	elevation_request.approved	technician	92104469-ae89-4330-b280-2a4d0d697e57	0f1fed52-4c5c-40e5-8f9b-3b981b9d96b4	{"kind": "USER", "scope": "once", "channel": "cli", "technician_id": "92104469-ae89-4330-b280-2a4d0d697e57"}	\\x032e905f1d276b68f89e0ef41e3245227ebb716fb83f495c05dd5a75922852c5	\N	\N
260	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	elevation_request.denied	inbound_key	XETDFr8Y	d8aa77c2-3a46-4b57-a50f-ba1a32fee48c	{"kind": "USER", "scope": "once", "channel": "integration_api", "technician_id": null}	\\x01c66ef44bf437716c68aa0bd3e115f2b3d13f99b204e4c196b340da69ee6214	\N	\N
262	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00	customer.deleted	operator	ada@stepladder-host	873cde98-5e96-4dfb-8c9f-702dbc5f068f	{"rules_ended": 0, "delegations_removed": 0}	\\xaf09a5c29cc8a1f1157eef811d99454c8ac64232262dea1eb1360f3eb8bf8862	\N	\N
263	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.49+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	0f93d86f-4f78-4408-bcea-a1864fd69c2d	{"kind": "USER", "sha256": "468dbd7bd201f21f90a2288b4fcdfa2b488b6a2fb0d75f791b84ba3f4de36838", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x17210a6fa95f57f73b79c8e5d8969fddaba4f46321c4d5e5d48f411c014326a3	\N	\N
264	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.5+00	elevation_request.submitted	endpoint	b9966276-ec9f-481d-8e0d-f6c08565624d	d91858e5-f903-4146-ac42-0e70801bb196	{"kind": "USER", "sha256": "468dbd7bd201f21f90a2288b4fcdfa2b488b6a2fb0d75f791b84ba3f4de36838", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x30bfaeb5537426b1ebef99bb5f586d7cc1e6cb162bde6fbaa26b0fb951a66895	\N	\N
265	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.51+00	elevation_request.joined	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	0f93d86f-4f78-4408-bcea-a1864fd69c2d	{"repeats": 1}	\\xadc902be407645f002acd2e3e3dac1424f2a9c05f30bb32e9f110ada6fdd6c89	\N	\N
266	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.52+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	9d495aa1-b67f-43ef-a417-f4c16c5effb3	{"kind": "USER", "sha256": "68082b3fd953b204164c592ad68222391d75dfab961bc6231f49acc8b30d919c", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x336978e07280d4d5be980ba0f0506c2cfa6f95e08b48dd31edfadf742980db0c	\N	\N
267	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.52+00	elevation_request.approved	technician	56592efb-46dd-44c9-be47-225c4cb4005c	9d495aa1-b67f-43ef-a417-f4c16c5effb3	{"kind": "USER", "scope": "once", "channel": "cli", "technician_id": "56592efb-46dd-44c9-be47-225c4cb4005c"}	\\x46934c36ca2fec500cc560f9743adf377b7375828582b6b5963d95a5cf778311	\N	\N
268	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.53+00	elevation_request.submitted	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	99c9aded-a31b-427c-a8d0-e2da4b3d8bb0	{"kind": "USER", "sha256": "2460fb303a62c0d1db7ebb3dea14f22b34e326bc4b9a31a63be54013fe12d4d5", "customer_id": "bcec82db-c2ad-449a-a199-64755e73502e"}	\\x956fbe3202cdb8c867d9240966c44dc1af762a4c367dfaea78cd5c6447ee4e42	\N	\N
269	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.53+00	elevation_request.cancelled	endpoint	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	99c9aded-a31b-427c-a8d0-e2da4b3d8bb0	{}	\\x0246c241acf6fcf328bade7c309a882c0dbea91b91d5df5e2dc795d4406b4df6	\N	\N
\.


COPY public.connector_lookup (connector_id, kind, name, msp_id, remote_id, fetched_at) FROM stdin;
a86ec927-b8ed-4014-9c8e-7550bdb70009	ticket_type	Incident	728b777d-cbc8-4888-b961-143dce2c2e4f	1	2026-11-02 08:12:25.04+00
a86ec927-b8ed-4014-9c8e-7550bdb70009	category	Business Applications	728b777d-cbc8-4888-b961-143dce2c2e4f	60	2026-11-02 08:12:25.04+00
a86ec927-b8ed-4014-9c8e-7550bdb70009	urgency	Medium	728b777d-cbc8-4888-b961-143dce2c2e4f	2	2026-11-02 08:12:25.04+00
a86ec927-b8ed-4014-9c8e-7550bdb70009	impact	Single User Affected	728b777d-cbc8-4888-b961-143dce2c2e4f	3	2026-11-02 08:12:25.04+00
a86ec927-b8ed-4014-9c8e-7550bdb70009	asset	1/nw-lap-014	728b777d-cbc8-4888-b961-143dce2c2e4f	300	2026-11-02 08:12:25.04+00
a86ec927-b8ed-4014-9c8e-7550bdb70009	user	1/amelia.hart@northwind.example	728b777d-cbc8-4888-b961-143dce2c2e4f	[500, 11]	2026-11-02 08:12:25.04+00
a86ec927-b8ed-4014-9c8e-7550bdb70009	status	Closed	728b777d-cbc8-4888-b961-143dce2c2e4f	9	2026-11-02 08:12:30.04+00
a86ec927-b8ed-4014-9c8e-7550bdb70009	outcome	Resolved | Close | Closed | Internal Note | Private Note | Note	728b777d-cbc8-4888-b961-143dce2c2e4f	12 7 8	2026-11-02 08:12:30.04+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	asset	2/cd-front-01	8b405aba-7dab-4fb9-a17e-3e52f4344db0	303	2026-11-02 08:12:30.1+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	user	2/amelia.hart@northwind.example	8b405aba-7dab-4fb9-a17e-3e52f4344db0	\N	2026-11-02 08:12:30.1+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	agent_id	3	8b405aba-7dab-4fb9-a17e-3e52f4344db0	["3", "Nik Potnis", "nik@nikpot.example"]	2026-11-02 08:13:31.11+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	agent	rita@nikpot.example	8b405aba-7dab-4fb9-a17e-3e52f4344db0	\N	2026-11-02 08:13:31.11+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	field	CFidemeumCustomerName | CFidemeumElevationRequestId	8b405aba-7dab-4fb9-a17e-3e52f4344db0	1 2	2026-11-04 08:18:36.17+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	asset	9/pw-1	8b405aba-7dab-4fb9-a17e-3e52f4344db0	\N	2026-11-04 08:18:36.17+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	user	9/amelia.hart@northwind.example	8b405aba-7dab-4fb9-a17e-3e52f4344db0	\N	2026-11-04 08:18:36.17+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	asset	3/fl-lap-007	8b405aba-7dab-4fb9-a17e-3e52f4344db0	305	2026-11-04 08:18:36.17+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	user	3/amelia.hart@northwind.example	8b405aba-7dab-4fb9-a17e-3e52f4344db0	\N	2026-11-04 08:18:36.17+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	asset	6/aw-cad-05	8b405aba-7dab-4fb9-a17e-3e52f4344db0	307	2026-11-04 08:18:36.17+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	user	6/amelia.hart@northwind.example	8b405aba-7dab-4fb9-a17e-3e52f4344db0	\N	2026-11-04 08:18:36.17+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	asset	7/tt-shop-1	8b405aba-7dab-4fb9-a17e-3e52f4344db0	\N	2026-11-04 08:18:36.17+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	user	7/amelia.hart@northwind.example	8b405aba-7dab-4fb9-a17e-3e52f4344db0	\N	2026-11-04 08:18:36.17+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	asset	1/nw-lap-014	8b405aba-7dab-4fb9-a17e-3e52f4344db0	300	2026-11-04 08:19:43.24+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	user	1/amelia.hart@northwind.example	8b405aba-7dab-4fb9-a17e-3e52f4344db0	[500, 11]	2026-11-04 08:19:43.24+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	agent	nik@nikpot.example	8b405aba-7dab-4fb9-a17e-3e52f4344db0	["3", "Nik Potnis", "nik@nikpot.example"]	2026-11-04 08:23:08.24+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	asset	1/nw-desk-003	8b405aba-7dab-4fb9-a17e-3e52f4344db0	302	2026-11-04 08:29:08.35+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	asset	4/nb-1	8b405aba-7dab-4fb9-a17e-3e52f4344db0	\N	2026-11-04 08:29:55.36+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	user	4/amelia.hart@northwind.example	8b405aba-7dab-4fb9-a17e-3e52f4344db0	\N	2026-11-04 08:29:55.36+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	agent	grace@nikpot.example	8b405aba-7dab-4fb9-a17e-3e52f4344db0	\N	2026-11-04 08:29:56.38+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	agent	dana@nikpot.example	8b405aba-7dab-4fb9-a17e-3e52f4344db0	["4", "Dana Whitfield", "dana@nikpot.example"]	2026-11-04 08:30:23.48+00
\.


COPY public.customer (id, msp_id, name, display_name, created_at, request_lifetime_seconds, deleted_at, directory_id) FROM stdin;
bcec82db-c2ad-449a-a199-64755e73502e	8b405aba-7dab-4fb9-a17e-3e52f4344db0	northwind	Northwind Traders	2026-11-02 08:00:42+00	\N	\N	\N
03eb0880-2c03-4c2f-8321-ecbbd2233ae7	8b405aba-7dab-4fb9-a17e-3e52f4344db0	contoso	Contoso Dental	2026-11-02 08:00:49+00	\N	\N	\N
d4ffadcf-5767-4cd0-b272-3dddde89d022	8b405aba-7dab-4fb9-a17e-3e52f4344db0	proseware	Proseware	2026-11-02 08:01:10+00	\N	\N	\N
fe8b9bc1-e477-45c7-9cf4-ce95933c7b25	8b405aba-7dab-4fb9-a17e-3e52f4344db0	initech	Initech	2026-11-02 08:01:17+00	\N	\N	\N
da91e4ba-423b-4436-b580-3830be6fc8c3	8b405aba-7dab-4fb9-a17e-3e52f4344db0	wwi	Wide World Importers	2026-11-02 08:01:24+00	\N	\N	\N
2c49e583-8f77-4831-831a-3454d73d8f0b	8b405aba-7dab-4fb9-a17e-3e52f4344db0	litware	Litware	2026-11-02 08:01:31+00	\N	\N	\N
0da97529-2055-4f9f-9f65-f02931688bcd	8b405aba-7dab-4fb9-a17e-3e52f4344db0	contoso-care	Contoso Dental Care	2026-11-02 08:01:38+00	\N	\N	\N
d9292825-fd95-4aec-bf51-951c403bd657	8b405aba-7dab-4fb9-a17e-3e52f4344db0	fabrikam	Fabrikam Partners	2026-11-02 08:01:52+00	\N	\N	8d2f4c1e-93a7-4b60-9e15-7c3a5d80f261
b5148332-da54-4e61-b839-79d81eeeb925	8b405aba-7dab-4fb9-a17e-3e52f4344db0	branch	Northwind Branch Office	2026-11-02 08:01:45+00	60	\N	\N
839120b7-0bad-4ce5-ac7f-cf934fa4c9cf	728b777d-cbc8-4888-b961-143dce2c2e4f	northwind	Northwind Traders	2026-11-02 08:12:11.02+00	\N	\N	\N
2fb41874-1c06-42c3-bddf-b588e2abf366	8b405aba-7dab-4fb9-a17e-3e52f4344db0	awc	Adventure Works Cycles	2026-11-02 08:00:56+00	\N	\N	\N
873cde98-5e96-4dfb-8c9f-702dbc5f068f	8b405aba-7dab-4fb9-a17e-3e52f4344db0	tailspin	Tailspin Toys	2026-11-02 08:01:03+00	\N	2026-11-04 08:30:23.48+00	\N
\.


COPY public.customer_mapping (customer_id, msp_id, connector_id, state, how, remote_id, remote_name, detail, checked_at) FROM stdin;
bcec82db-c2ad-449a-a199-64755e73502e	8b405aba-7dab-4fb9-a17e-3e52f4344db0	c2b93b5b-2fc7-4348-8737-68837db8aeb3	mapped	display_name	1	Northwind Traders	\N	2026-11-04 08:30:23.48+00
03eb0880-2c03-4c2f-8321-ecbbd2233ae7	8b405aba-7dab-4fb9-a17e-3e52f4344db0	c2b93b5b-2fc7-4348-8737-68837db8aeb3	mapped	display_name	2	Contoso Dental	\N	2026-11-04 08:30:23.48+00
2fb41874-1c06-42c3-bddf-b588e2abf366	8b405aba-7dab-4fb9-a17e-3e52f4344db0	c2b93b5b-2fc7-4348-8737-68837db8aeb3	mapped	display_name	6	Adventure Works	\N	2026-11-04 08:30:23.48+00
873cde98-5e96-4dfb-8c9f-702dbc5f068f	8b405aba-7dab-4fb9-a17e-3e52f4344db0	c2b93b5b-2fc7-4348-8737-68837db8aeb3	mapped	display_name	7	Tailspin Toys	\N	2026-11-04 08:30:23.48+00
fe8b9bc1-e477-45c7-9cf4-ce95933c7b25	8b405aba-7dab-4fb9-a17e-3e52f4344db0	c2b93b5b-2fc7-4348-8737-68837db8aeb3	unmapped	\N	\N	\N	No customer is called 'Initech' or 'initech'.	2026-11-04 08:30:23.48+00
da91e4ba-423b-4436-b580-3830be6fc8c3	8b405aba-7dab-4fb9-a17e-3e52f4344db0	c2b93b5b-2fc7-4348-8737-68837db8aeb3	ambiguous	\N	\N	\N	2 active customers are called 'Wide World Importers'.	2026-11-04 08:30:23.48+00
2c49e583-8f77-4831-831a-3454d73d8f0b	8b405aba-7dab-4fb9-a17e-3e52f4344db0	c2b93b5b-2fc7-4348-8737-68837db8aeb3	inactive	\N	\N	\N	The only customer of that name is inactive in HaloPSA.	2026-11-04 08:30:23.48+00
d9292825-fd95-4aec-bf51-951c403bd657	8b405aba-7dab-4fb9-a17e-3e52f4344db0	c2b93b5b-2fc7-4348-8737-68837db8aeb3	mapped	directory_id	3	Fabrikam Legal	\N	2026-11-04 08:30:23.48+00
0da97529-2055-4f9f-9f65-f02931688bcd	8b405aba-7dab-4fb9-a17e-3e52f4344db0	c2b93b5b-2fc7-4348-8737-68837db8aeb3	unmapped	manual	\N	\N	Unlinked by hand from 'Contoso Dental Care'. No automatic run links it: link it by hand, or run stepladder customer map --again.	2026-11-04 08:30:23.48+00
b5148332-da54-4e61-b839-79d81eeeb925	8b405aba-7dab-4fb9-a17e-3e52f4344db0	c2b93b5b-2fc7-4348-8737-68837db8aeb3	mapped	manual	4	Northwind Trading	\N	2026-11-04 08:30:23.48+00
d4ffadcf-5767-4cd0-b272-3dddde89d022	8b405aba-7dab-4fb9-a17e-3e52f4344db0	c2b93b5b-2fc7-4348-8737-68837db8aeb3	gone	display_name	9	Proseware	HaloPSA has no customer 9 any more; it was 'Proseware'. No customer is called 'Proseware' or 'proseware'.	2026-11-04 08:30:23.48+00
839120b7-0bad-4ce5-ac7f-cf934fa4c9cf	728b777d-cbc8-4888-b961-143dce2c2e4f	a86ec927-b8ed-4014-9c8e-7550bdb70009	mapped	display_name	1	Northwind Traders	\N	2026-11-02 08:12:25.04+00
\.


COPY public.decision (request_id, msp_id, verdict, kind, scope, channel, actor_kind, actor_id, technician_id, reason, decided_at, rule_id) FROM stdin;
65ea77b8-18a8-4709-abac-66427cfab2b2	8b405aba-7dab-4fb9-a17e-3e52f4344db0	denied	USER	once	cli	technician	56592efb-46dd-44c9-be47-225c4cb4005c	56592efb-46dd-44c9-be47-225c4cb4005c	not needed	2026-11-02 08:07:50.01+00	\N
26b0c421-9d51-478d-ac77-fed28102c039	728b777d-cbc8-4888-b961-143dce2c2e4f	approved	USER	once	integration_api	inbound_key	IshKDblR	\N	\N	2026-11-02 08:12:25.04+00	\N
932951eb-4a16-44cb-b256-59502c515568	8b405aba-7dab-4fb9-a17e-3e52f4344db0	approved	USER	once	integration_api	inbound_key	XETDFr8Y	\N	\N	2026-11-02 08:12:30.11+00	\N
f3f4e255-e1b9-4aba-8a0c-77504f5618d1	8b405aba-7dab-4fb9-a17e-3e52f4344db0	approved	USER	once	cli	technician	92104469-ae89-4330-b280-2a4d0d697e57	92104469-ae89-4330-b280-2a4d0d697e57	for the quarterly report	2026-11-02 08:12:30.11+00	\N
79244248-6ea4-405a-b206-94d966d82619	8b405aba-7dab-4fb9-a17e-3e52f4344db0	denied	USER	once	integration_api	inbound_key	VWttOAOz	56592efb-46dd-44c9-be47-225c4cb4005c	\N	2026-11-02 08:12:30.11+00	\N
8ca13cb9-d43c-4dde-bdb5-b64b06a8da74	8b405aba-7dab-4fb9-a17e-3e52f4344db0	approved	USER	once	cli	technician	55d23bf1-3600-4a2e-99ae-7ab935bbbe0f	55d23bf1-3600-4a2e-99ae-7ab935bbbe0f	\N	2026-11-02 08:12:30.11+00	\N
8c55cba3-e0e8-4793-867f-5f7658be6b1b	8b405aba-7dab-4fb9-a17e-3e52f4344db0	approved	USER	once	policy	system	policy	\N	known and harmless	2026-11-02 08:13:36.12+00	61064897-92ff-42e1-88db-599eb8299424
0ac37b89-9dd4-42bd-9de0-db17ceaeb104	8b405aba-7dab-4fb9-a17e-3e52f4344db0	denied	USER	once	policy	system	policy	\N	unwanted here	2026-11-02 08:13:36.13+00	b988e751-4beb-40ad-82ec-dd6f8c5d5ebd
01448758-81de-448a-bdbf-fdfc1f7820c6	8b405aba-7dab-4fb9-a17e-3e52f4344db0	approved	USER	once	cli	technician	56592efb-46dd-44c9-be47-225c4cb4005c	56592efb-46dd-44c9-be47-225c4cb4005c	\N	2026-11-04 08:21:08.24+00	\N
87788321-d1ff-4793-a951-177fcbc73dde	8b405aba-7dab-4fb9-a17e-3e52f4344db0	approved	USER	once	policy	system	policy	\N	known and harmless	2026-11-04 08:29:55.37+00	61064897-92ff-42e1-88db-599eb8299424
61ce1124-9c74-454d-af14-47664fa8fdca	8b405aba-7dab-4fb9-a17e-3e52f4344db0	approved	USER	once	cli	technician	6098000f-9458-4a08-b506-9ac8c2b90bf2	6098000f-9458-4a08-b506-9ac8c2b90bf2	\N	2026-11-04 08:29:55.38+00	\N
c26394b9-2c26-48ec-abc4-3a444b830447	8b405aba-7dab-4fb9-a17e-3e52f4344db0	denied	USER	once	cli	technician	56592efb-46dd-44c9-be47-225c4cb4005c	56592efb-46dd-44c9-be47-225c4cb4005c	\N	2026-11-04 08:30:23.42+00	\N
c9e78e92-549f-4fca-81fe-eb42e5a71c35	8b405aba-7dab-4fb9-a17e-3e52f4344db0	approved	USER	once	cli	technician	56592efb-46dd-44c9-be47-225c4cb4005c	56592efb-46dd-44c9-be47-225c4cb4005c	\N	2026-11-04 08:30:23.42+00	\N
28c5d69f-6635-4cb7-95a3-a067a3f843e7	8b405aba-7dab-4fb9-a17e-3e52f4344db0	approved	USER	once	cli	technician	56592efb-46dd-44c9-be47-225c4cb4005c	56592efb-46dd-44c9-be47-225c4cb4005c	\N	2026-11-04 08:30:23.48+00	\N
7fa03bab-cfc7-4297-81c9-0b0e3a379cca	8b405aba-7dab-4fb9-a17e-3e52f4344db0	approved	USER	once	cli	technician	56592efb-46dd-44c9-be47-225c4cb4005c	56592efb-46dd-44c9-be47-225c4cb4005c	\N	2026-11-04 08:30:23.48+00	\N
b6bf8b59-d38e-4e99-983f-0ccac785ec19	8b405aba-7dab-4fb9-a17e-3e52f4344db0	approved	USER	once	cli	technician	92104469-ae89-4330-b280-2a4d0d697e57	92104469-ae89-4330-b280-2a4d0d697e57	\N	2026-11-04 08:30:23.48+00	\N
ddc4003b-32dc-457e-8692-b8be8b475263	8b405aba-7dab-4fb9-a17e-3e52f4344db0	denied	USER	once	cli	technician	92104469-ae89-4330-b280-2a4d0d697e57	92104469-ae89-4330-b280-2a4d0d697e57	\N	2026-11-04 08:30:23.48+00	\N
0f1fed52-4c5c-40e5-8f9b-3b981b9d96b4	8b405aba-7dab-4fb9-a17e-3e52f4344db0	approved	USER	once	cli	technician	92104469-ae89-4330-b280-2a4d0d697e57	92104469-ae89-4330-b280-2a4d0d697e57	\N	2026-11-04 08:30:23.48+00	\N
d8aa77c2-3a46-4b57-a50f-ba1a32fee48c	8b405aba-7dab-4fb9-a17e-3e52f4344db0	denied	USER	once	integration_api	inbound_key	XETDFr8Y	\N	\N	2026-11-04 08:30:23.48+00	\N
da839164-fc70-4008-9bd4-9ecc3b8b10f8	8b405aba-7dab-4fb9-a17e-3e52f4344db0	denied	USER	once	cli	technician	92104469-ae89-4330-b280-2a4d0d697e57	92104469-ae89-4330-b280-2a4d0d697e57	\N	2026-11-04 08:30:23.48+00	\N
9d495aa1-b67f-43ef-a417-f4c16c5effb3	8b405aba-7dab-4fb9-a17e-3e52f4344db0	approved	USER	once	cli	technician	56592efb-46dd-44c9-be47-225c4cb4005c	56592efb-46dd-44c9-be47-225c4cb4005c	\N	2026-11-04 08:30:23.52+00	\N
\.


COPY public.delegation (customer_id, technician_id, msp_id, role, created_at) FROM stdin;
03eb0880-2c03-4c2f-8321-ecbbd2233ae7	55d23bf1-3600-4a2e-99ae-7ab935bbbe0f	8b405aba-7dab-4fb9-a17e-3e52f4344db0	technician	2026-11-02 08:07:50+00
03eb0880-2c03-4c2f-8321-ecbbd2233ae7	56592efb-46dd-44c9-be47-225c4cb4005c	8b405aba-7dab-4fb9-a17e-3e52f4344db0	admin	2026-11-02 08:07:50+00
\.


COPY public.elevation_grant (request_id, msp_id, body, issued_at, expires_at) FROM stdin;
932951eb-4a16-44cb-b256-59502c515568	8b405aba-7dab-4fb9-a17e-3e52f4344db0	{"alg": "Ed25519", "kid": "b5035a9facf749b8", "grant": {"file": {"path": "/opt/setup/approved-by-button.exe", "size": 2339, "sha256": "5f9c2a147799c2644ded780d44983f802b0853ccf20782497c45d20ada35f84b", "publisher": "Example Software Ltd"}, "kind": "USER", "nonce": "CWXOHvJD-hETLn2eDhT4aQ", "issuer": "northstar.example", "person": "amelia", "audience": "5e400dd7-7f27-4a1a-af36-3d3d25b2b09f", "expires_at": "2026-11-02T08:22:30.110000Z", "not_before": "2026-11-02T08:12:30.110000Z", "request_id": "932951eb-4a16-44cb-b256-59502c515568", "arguments_sha256": "5683c35d8b35128f19abefa03de0bdedc0224de1e874c7642825ae6959f0d024"}, "signature": "wTXOmEtKYmQkVT69qPOCZYk1RYFZk6c9neS5W-rRnNtzp8PJmP_NUvRi3JeMAvAkBs960muQuUKao0ihW4XpAg"}	2026-11-02 08:12:30.11+00	2026-11-02 08:22:30.11+00
61ce1124-9c74-454d-af14-47664fa8fdca	8b405aba-7dab-4fb9-a17e-3e52f4344db0	{"alg": "Ed25519", "kid": "b5035a9facf749b8", "grant": {"file": {"path": "/opt/setup/approved-at-a-terminal.exe", "size": 1342, "sha256": "3b93a208f86316723b8de8095d26403f3241556b8a1da94e15dbcf98b03482d3", "publisher": "Example Software Ltd"}, "kind": "USER", "nonce": "y89lOd1Kacl_N-Kdk7qZOA", "issuer": "northstar.example", "person": "amelia", "audience": "b9966276-ec9f-481d-8e0d-f6c08565624d", "expires_at": "2026-11-04T08:39:55.380000Z", "not_before": "2026-11-04T08:29:55.380000Z", "request_id": "61ce1124-9c74-454d-af14-47664fa8fdca", "arguments_sha256": "5683c35d8b35128f19abefa03de0bdedc0224de1e874c7642825ae6959f0d024"}, "signature": "1PRfE1at_ox9gOLViLqlTQU_Y0D4sRRWumLqzle3IhtHGmF4-eQsLuZRXORkulPCVv1eI02LIMwXCJWlPXQNDg"}	2026-11-04 08:29:55.38+00	2026-11-04 08:39:55.38+00
\.


COPY public.elevation_request (id, msp_id, customer_id, customer_label, endpoint_id, idempotency_key, body_sha256, kind, state, requester_user, requester_name, requester_email, program_name, program_path, arguments, sha256, size, publisher, reason, created_at, expires_at, settled_at) FROM stdin;
65ea77b8-18a8-4709-abac-66427cfab2b2	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	718a7ab8cd796735519383305b8503c1	\\x046998aadaa367432f4e0c1d2d0adf4cdcf4ff4c91815fc1f41c428af0263460	USER	denied	amelia	Amelia Hart	amelia.hart@northwind.example	denied-before-there-was-a-connector.exe	/opt/setup/denied-before-there-was-a-connector.exe	["--quiet"]	32cd172edfda745d5950154edbd2ff2ce63ea331bbaf33ffc46f923ef4215ced	9275	Example Software Ltd	because of: denied before there was a connector	2026-11-02 08:07:50.01+00	2026-11-06 08:07:50.01+00	2026-11-02 08:07:50.01+00
745cd5d6-dd1d-4a5c-aa46-e170c7e836f8	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	50da77192a91e1958a42ef4f3fb97ff1	\\xcd8cf4515ecaaaacc9ada2612e061197148c2e021a6e43b6b58d94dc1fae549e	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	from-before-the-connector.exe	/opt/setup/from-before-the-connector.exe	["--quiet"]	da0a821af47e253781bea547f91175e83a477253ebaea3261a5a73fd86984fc0	5380	Example Software Ltd	because of: from before the connector	2026-11-02 08:07:50.02+00	2026-11-06 08:07:50.02+00	\N
e5f126b2-566e-429f-bf99-733a933d7ea8	728b777d-cbc8-4888-b961-143dce2c2e4f	839120b7-0bad-4ce5-ac7f-cf934fa4c9cf	Northwind Traders	b404c433-8f5d-4520-8e8b-7f109689698e	25b7545ffe0b1e3af784483d2bb57fc1	\\x366b98513d62fe8a16815e960de3a2dfb891dc549812a8d9db55c3b9361d3a87	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	open.exe	/opt/setup/open.exe	["--quiet"]	2348f998744212575d85959674f9607ab26f67708a917157472832386337c904	7359	Example Software Ltd	because of: open	2026-11-02 08:12:25.03+00	2026-11-06 08:12:25.03+00	\N
26b0c421-9d51-478d-ac77-fed28102c039	728b777d-cbc8-4888-b961-143dce2c2e4f	839120b7-0bad-4ce5-ac7f-cf934fa4c9cf	Northwind Traders	b404c433-8f5d-4520-8e8b-7f109689698e	577560a5ebd9018263d2aa1c5db074e1	\\xf3411aa1cf58436c0c46dc5e03bd54e11ad3839825262f07863005396699a29e	USER	approved	amelia	Amelia Hart	amelia.hart@northwind.example	approved.exe	/opt/setup/approved.exe	["--quiet"]	2687f86ed6784b8a5fca36e6c468e12aa44dc3c7e8137e3160d1a95079bdcd02	1868	Example Software Ltd	because of: approved	2026-11-02 08:12:25.04+00	2026-11-06 08:12:25.04+00	2026-11-02 08:12:25.04+00
932951eb-4a16-44cb-b256-59502c515568	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	83d298ac3db954255ad483bf2fbfb7e7	\\x78ac8d283b94d8907db208f85365a37dd4ac34109a796f25df95c4546994cdf5	USER	approved	amelia	Amelia Hart	amelia.hart@northwind.example	approved-by-button.exe	/opt/setup/approved-by-button.exe	["--quiet"]	5f9c2a147799c2644ded780d44983f802b0853ccf20782497c45d20ada35f84b	2339	Example Software Ltd	because of: approved by button	2026-11-02 08:12:30.05+00	2026-11-06 08:12:30.05+00	2026-11-02 08:12:30.11+00
f3f4e255-e1b9-4aba-8a0c-77504f5618d1	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	594d9c48e64f117d73721e2f8c893d96	\\x292954e0c13f67b0da2b456477aaf7425fe28bc6cb8d4796144bb1c330227480	USER	approved	amelia	Amelia Hart	amelia.hart@northwind.example	approved-at-a-terminal.exe	/opt/setup/approved-at-a-terminal.exe	["--quiet"]	3b93a208f86316723b8de8095d26403f3241556b8a1da94e15dbcf98b03482d3	1342	Example Software Ltd	because of: approved at a terminal	2026-11-02 08:12:30.06+00	2026-11-06 08:12:30.06+00	2026-11-02 08:12:30.11+00
79244248-6ea4-405a-b206-94d966d82619	8b405aba-7dab-4fb9-a17e-3e52f4344db0	03eb0880-2c03-4c2f-8321-ecbbd2233ae7	Contoso Dental	333eb798-1c0e-492a-8522-d4bf7d8126e0	d0c26b43a2ad9a66258145dd4f92e17d	\\x775724e834b2e1b6b1472b08fa73ab5c7447816be26bff75ab268069074d49c5	USER	denied	amelia	Amelia Hart	amelia.hart@northwind.example	denied-by-a-script.exe	/opt/setup/denied-by-a-script.exe	["--quiet"]	35121716a6c557e868a527641ca0b10a963fea2e002dd2529717c09b63589259	7464	Example Software Ltd	because of: denied by a script	2026-11-02 08:12:30.07+00	2026-11-06 08:12:30.07+00	2026-11-02 08:12:30.11+00
8ca13cb9-d43c-4dde-bdb5-b64b06a8da74	8b405aba-7dab-4fb9-a17e-3e52f4344db0	03eb0880-2c03-4c2f-8321-ecbbd2233ae7	Contoso Dental	333eb798-1c0e-492a-8522-d4bf7d8126e0	f79a28245fd2f5081951be9fd6c433cf	\\xee9b7a2a7f22a7203a669d0c264d9bd6277af0348c81127c03417670013a53e8	USER	approved	amelia	Amelia Hart	amelia.hart@northwind.example	approved-by-a-delegate.exe	/opt/setup/approved-by-a-delegate.exe	["--quiet"]	4b985ace5cd938ab11023c29418b505f61d351d564c816a5467630c881cbcd63	6535	Example Software Ltd	because of: approved by a delegate	2026-11-02 08:12:30.08+00	2026-11-06 08:12:30.08+00	2026-11-02 08:12:30.11+00
8ede4660-a442-4752-8971-957d06267484	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	0ff09c3193ac76d38c228f28e9ee7c45	\\xcb1bda130ce8d3011f98c366768d2ccfb92cf296fe5b268f35572adb5a3007f3	USER	cancelled	amelia	Amelia Hart	amelia.hart@northwind.example	cancelled.exe	/opt/setup/cancelled.exe	["--quiet"]	8b47045eb7b8ca42aa967f33ee1d014ba89f8d1ac207426b482d34b5c0d90935	3850	Example Software Ltd	because of: cancelled	2026-11-02 08:12:30.09+00	2026-11-06 08:12:30.09+00	2026-11-02 08:12:30.11+00
e5e9612e-ceb3-48f1-b43f-e2db0456c947	8b405aba-7dab-4fb9-a17e-3e52f4344db0	b5148332-da54-4e61-b839-79d81eeeb925	Northwind Branch Office	7d5debc0-c52e-45e5-8343-59d64d22028c	e42ec3d495ffa6caf8c987293736d776	\\xe055ebb16f80abc1e00db0e354939a7edc247588975f25034c1322e8b911dc17	USER	expired	amelia	Amelia Hart	amelia.hart@northwind.example	expired.exe	/opt/setup/expired.exe	["--quiet"]	fa64ea1e82e1206f828ab2a02917c7e92accb98e3b95881a1b4ad52b914b66e3	2618	Example Software Ltd	because of: expired	2026-11-02 08:12:30.1+00	2026-11-02 08:13:30.1+00	2026-11-02 08:13:31.11+00
8c55cba3-e0e8-4793-867f-5f7658be6b1b	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	18c474549f05945a7c386f88a4be4354	\\xdbd49efc8d30325b5b98c51c6e912da88dd9e193abdf48bd5b5678271779bf26	USER	approved	amelia	Amelia Hart	amelia.hart@northwind.example	approved-by-a-rule.exe	/opt/setup/approved-by-a-rule.exe	["--quiet"]	4c68b5efcff5f5ab34ab512ebb1659d6e72101007c49cdaa00b9016a3286c31f	4650	Example Software Ltd	because of: approved by a rule	2026-11-02 08:13:36.12+00	2026-11-06 08:13:36.12+00	2026-11-02 08:13:36.12+00
0ac37b89-9dd4-42bd-9de0-db17ceaeb104	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	31728712d418f96a5ed19c4f1f10f1c6	\\x42463827f8657391c9e4e2938626c0d2770f3554da1b45712bd5e6c9a7a51bf0	USER	denied	amelia	Amelia Hart	amelia.hart@northwind.example	denied-by-a-rule.exe	/opt/setup/denied-by-a-rule.exe	["--quiet"]	4b70a9058da8c92560c7db24d1f6a9bf8f0db18e55764c2d0f3a72f88a35d677	5372	Example Software Ltd	because of: denied by a rule	2026-11-02 08:13:36.13+00	2026-11-06 08:13:36.13+00	2026-11-02 08:13:36.13+00
916c21c9-6d7b-4f80-b211-3c57c3b46c54	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2fb41874-1c06-42c3-bddf-b588e2abf366	Adventure Works	23dc971f-515d-4b07-96dd-2cb262fa0f37	bdc629d69485a88a4333f153442fd5e3	\\x38b20b88fa6b75425b88d1367975c55d21e81fa956bcafba13b2108e62612615	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	of-a-renamed-customer.exe	/opt/setup/of-a-renamed-customer.exe	["--quiet"]	260c0709964a9dc88669f6f8f41b50ec41cd4ae96efe63aad413c7657966ee21	7732	Example Software Ltd	because of: of a renamed customer	2026-11-04 08:18:36.14+00	2026-11-08 08:18:36.14+00	\N
f347e95d-8934-4d8c-b625-2c36ba17489c	8b405aba-7dab-4fb9-a17e-3e52f4344db0	d4ffadcf-5767-4cd0-b272-3dddde89d022	Proseware	ad772645-6623-4f44-b6eb-1f81c9609a61	f541b9565de76133f67375fd7bb0808d	\\x289fe9eb7e763614168ae55dc48f97ffc6d3cc8b65b828f0490a194d6c8c5c2c	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	at-a-customer-that-is-gone.exe	/opt/setup/at-a-customer-that-is-gone.exe	["--quiet"]	51847fba47490958c16b13024753bef6f646ac88e331250ae5bf71a34771aed7	1460	Example Software Ltd	because of: at a customer that is gone	2026-11-04 08:18:36.16+00	2026-11-08 08:18:36.16+00	\N
0656c066-1d99-40f2-b7f7-963f7c15832d	8b405aba-7dab-4fb9-a17e-3e52f4344db0	d9292825-fd95-4aec-bf51-951c403bd657	Fabrikam Partners	9f637c88-6f43-4e37-8ced-0f768c0f0743	c2b379d38a7d5bcf5a18aa999293c5e5	\\x498a08cf8d394e4ef4e2c5c5c7a39a14e0c5f810c98d7aa16ff9b2b8d86d2a8b	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	in-a-directory.exe	/opt/setup/in-a-directory.exe	["--quiet"]	2aaaabbd3ad1016a92f4533a47fb60924d1cf848f5f8bddced5f43b041f14b2a	2981	Example Software Ltd	because of: in a directory	2026-11-04 08:18:36.17+00	2026-11-08 08:18:36.17+00	\N
28872720-c658-450d-9bf4-d907f16f0489	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	945b43cda12fbcb0c1267908a94808d1	\\x784842e2094a725f5c0659d6c2d9a1ef5ff057435636d2f161d6a3754ef4577b	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	closed-by-hand.exe	/opt/setup/closed-by-hand.exe	["--quiet"]	bd89e37bcb029287fcd492276f8b6bab60297b47a747d29aebc752550a0610b4	8733	Example Software Ltd	because of: closed by hand	2026-11-04 08:19:43.18+00	2026-11-08 08:19:43.18+00	\N
758950ac-e40a-4c25-8bcc-50175b0a29ba	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	0100ef1362611a18c15033fc2ad664ab	\\xbcba3c090b0d8cb1ceac337627c6f48ee2fe5f4796a1bfa6b96a67cf1dc8b608	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	merged.exe	/opt/setup/merged.exe	["--quiet"]	3f8f09c8e09f712b362183db69f4f061bd948d7a61e7663b585d723602c559b1	4360	Example Software Ltd	because of: merged	2026-11-04 08:19:43.19+00	2026-11-08 08:19:43.19+00	\N
4bfa42d8-eaa2-4e12-a046-871452636cc6	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	5e9256982ed1493dc902f69529278538	\\x65f5c03e65409d15e83dfd41281529b26ee3d0816b334bce24fdb49c9a473af0	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	target-of-the-merge.exe	/opt/setup/target-of-the-merge.exe	["--quiet"]	dcade5d6d51a5541a11c45b57c67c649df132d6b4ce7c79591bca14612b69042	1121	Example Software Ltd	because of: target of the merge	2026-11-04 08:19:43.2+00	2026-11-08 08:19:43.2+00	\N
21d9bd67-f6ec-4f25-99ce-46991c56a7b5	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	bda039bba1ecccc5e67c6dd905d6c305	\\x31bbcbe405eb060864c76b4b67fb5ff6ff05372c62589bbee2866edc3063d858	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	deleted.exe	/opt/setup/deleted.exe	["--quiet"]	1185f37d33b0f89e331f101a51bb8e51165c7efda15950b86a3ebcbb363f898e	8049	Example Software Ltd	because of: deleted	2026-11-04 08:19:43.21+00	2026-11-08 08:19:43.21+00	\N
4f3b79a8-a461-404b-9c46-10c3c6286899	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	cda899da2954b6e8a5a04e6f0e04b1f4	\\x4fddb8fd859f3b6995371bc6e32ef0bb86ed0e278fd0c44485947003d10a90e9	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	moved.exe	/opt/setup/moved.exe	["--quiet"]	5edd1832df25e2f1a72585c0ee55c1e585e7f4902eb1d15f7abf1c71c1b296ae	1003	Example Software Ltd	because of: moved	2026-11-04 08:19:43.22+00	2026-11-08 08:19:43.22+00	\N
3a6095a6-3528-49b6-a1b8-6fbc373e4b57	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	6e819278403ac009de7c8444c1e7475c	\\x6b0068aedf9b10c519a4e74bacfb69f5e256b84df41ab77dadbe5cd6ce5d5aa5	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	fields-edited.exe	/opt/setup/fields-edited.exe	["--quiet"]	708cf15ab2b072e96ed31f8b78de2be1ca015eea0eb241329d4e4a49a5df4352	9206	Example Software Ltd	because of: fields edited	2026-11-04 08:19:43.23+00	2026-11-08 08:19:43.23+00	\N
01448758-81de-448a-bdbf-fdfc1f7820c6	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	091e4fe6db834c3f87adea52d85158f3	\\x3e68adb61dc47eab7f1bf4c9c5643f39f5cb293d9323c6f896df2df0a991912f	USER	approved	amelia	Amelia Hart	amelia.hart@northwind.example	gone.exe	/opt/setup/gone.exe	["--quiet"]	283bb9deef02e6843abfb538efa1eca70801bd8a701c3f98191e123496339247	9759	Example Software Ltd	because of: gone	2026-11-04 08:19:43.24+00	2026-11-08 08:19:43.24+00	2026-11-04 08:21:08.24+00
471a30d3-cc79-429e-98ec-62eccc61c7dc	728b777d-cbc8-4888-b961-143dce2c2e4f	839120b7-0bad-4ce5-ac7f-cf934fa4c9cf	Northwind Traders	b404c433-8f5d-4520-8e8b-7f109689698e	984e56a19da6a7b38ac7e386fb1f1232	\\x236e98c8b73b76eb2398efbd672c597552cdcbe1a572c2c1d42bad388d3215e6	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	locked-out.exe	/opt/setup/locked-out.exe	["--quiet"]	406ec7233dcb137d9d0cecf381b762b42bbf619fa504699cd679f98e5ca417ec	6273	Example Software Ltd	because of: locked out	2026-11-04 08:29:08.25+00	2026-11-08 08:29:08.25+00	\N
c306796f-db52-4646-a021-cef35929a29a	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	75627df8d443c1ea8f9adeb33c9d93d4	\\x70c78b431fea48e09fd2a2b0ac426ae5c1da824275646e934a9a2541b4c109fb	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	remark-unknown,-one.exe	/opt/setup/remark-unknown,-one.exe	["--quiet"]	cf05a4bc8aed73c79269d34c6f7c79a28e208564867105f528576b6b72ccd83f	8658	Example Software Ltd	because of: remark unknown, one	2026-11-04 08:29:08.26+00	2026-11-08 08:29:08.26+00	\N
390157fa-88f1-4187-bab7-95aef370777e	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	c1c568e555e5ffae3f7511779e29dcb9	\\x6cbfcd2e0571d74d94ddc11a4add28bdb4ca2e3441ce1178e8a6d2cd580601e8	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	remark-unknown,-other.exe	/opt/setup/remark-unknown,-other.exe	["--quiet"]	0f06bbf84c7c9d3a5eff9fb379af418c779ebad3fb20aefd71e7bd09691fc85f	4245	Example Software Ltd	because of: remark unknown, other	2026-11-04 08:29:08.27+00	2026-11-08 08:29:08.27+00	\N
2ac9229f-d5fa-4596-a54d-fc7b1df75916	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	1e74b6a0a253ac5b75e6164b3f55165d	\\x4a56eaaea19a078b7555bac5a164fb39449979d7fd89e39ed270aa9102dac8e1	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	remark-to-come.exe	/opt/setup/remark-to-come.exe	["--quiet"]	36a572cc0541654c5a719048cdfa8ec797cfabae7c649d7be0ea9962c79dd380	1875	Example Software Ltd	because of: remark to come	2026-11-04 08:29:08.32+00	2026-11-08 08:29:08.32+00	\N
793d63d6-ef7d-47b6-80d7-d31ef7168c69	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	d0e9cb0a537dfccc329faae4c2c6cc66	\\x3288d3929caf0f8fd459f86eb4d49c71b99cd1b550626b85d8d9d5b828c24e63	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	long-open.exe	/opt/setup/long-open.exe	["--quiet"]	13827afb794c12a5abfeb3f2b5bd20c4e76d59bb53022b1dfd67c553561a3df8	8766	Example Software Ltd	because of: long open	2026-11-04 08:29:08.35+00	2026-11-08 08:29:08.35+00	\N
7fa03bab-cfc7-4297-81c9-0b0e3a379cca	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	7286fdd467c756483d677d10cb25d8b3	\\x0c5623c540a11526dee4dcd287431a20fa941a40bad47907bbf5fb03aff0262e	USER	approved	amelia	Amelia Hart	amelia.hart@northwind.example	note-unknown,-not-written.exe	/opt/setup/note-unknown,-not-written.exe	["--quiet"]	835999e834982ba52a43c3b5cc29238e91306d4a5740a7b990166b5f9a1b0ff8	4771	Example Software Ltd	because of: note unknown, not written	2026-11-04 08:29:08.29+00	2026-11-08 08:29:08.29+00	2026-11-04 08:30:23.48+00
b6bf8b59-d38e-4e99-983f-0ccac785ec19	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	035213e3c796edf3f304e4d42f122cbc	\\xc7ff7ca30db7277a21b4066f1714c9de03ba9524ad92f02f29f52f41562764e7	USER	approved	amelia	Amelia Hart	amelia.hart@northwind.example	note-seen,-not-closed.exe	/opt/setup/note-seen,-not-closed.exe	["--quiet"]	eef0eb9b3b9a8f58d1c6a336019544af2e713fd94f505d91334c833d5159d111	9338	Example Software Ltd	because of: note seen, not closed	2026-11-04 08:29:08.3+00	2026-11-08 08:29:08.3+00	2026-11-04 08:30:23.48+00
ddc4003b-32dc-457e-8692-b8be8b475263	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	0cefb517edea0275bff9b746a077e1e6	\\xed75ba41640b4a42c7bd80659e07ac38dcd37d9d0ffae0275dfc5eb37f8bf675	USER	denied	amelia	Amelia Hart	amelia.hart@northwind.example	refused-when-closed.exe	/opt/setup/refused-when-closed.exe	["--quiet"]	62f39c4793358e71d7c7ffe3d5e9a18c25c7257bf4a21bdeafa9e673d4023628	2234	Example Software Ltd	because of: refused when closed	2026-11-04 08:29:08.31+00	2026-11-08 08:29:08.31+00	2026-11-04 08:30:23.48+00
0f1fed52-4c5c-40e5-8f9b-3b981b9d96b4	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	3da967f4615645fa18b82123ea2963dd	\\xa0722918ee9050b426d1d6f3c1a48a5a25c73130a1c1a9ae1488fd14ed827ee1	USER	approved	amelia	Amelia Hart	amelia.hart@northwind.example	approved-just-now.exe	/opt/setup/approved-just-now.exe	["--quiet"]	1f610c86eb0d06f2947b897e79bcf1870a3985abc8b1e47ffe569f6fac2ce22b	8950	Example Software Ltd	because of: approved just now	2026-11-04 08:29:08.33+00	2026-11-08 08:29:08.33+00	2026-11-04 08:30:23.48+00
d8aa77c2-3a46-4b57-a50f-ba1a32fee48c	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	1739b22cbc1ec8d8f55db25244ebd47d	\\x166e7062601b01d0fdfac6ee49e69e7f8cd3d995986473ac325c76696b6c8ecc	USER	denied	amelia	Amelia Hart	amelia.hart@northwind.example	pressed-just-now.exe	/opt/setup/pressed-just-now.exe	["--quiet"]	9c8d221708438d6616c330b230e211cf078d6f60b035f5e84107bd62024e52f2	2984	Example Software Ltd	because of: pressed just now	2026-11-04 08:29:08.34+00	2026-11-08 08:29:08.34+00	2026-11-04 08:30:23.48+00
76dc21ae-3de5-4b1d-9bfa-dfb100d1ceab	8b405aba-7dab-4fb9-a17e-3e52f4344db0	b5148332-da54-4e61-b839-79d81eeeb925	Northwind Branch Office	7d5debc0-c52e-45e5-8343-59d64d22028c	db61d46d17852c3ba8a445f5fcde164d	\\xb2cc83c6be8737e6e3e568e20e06c70353451e6e672f9c44c899110e545b5e00	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	overdue.exe	/opt/setup/overdue.exe	["--quiet"]	7038dedb22f1eafb467ac263ceaf9dc55327f339c1dcae858b0bd9675aa71fd5	3229	Example Software Ltd	because of: overdue	2026-11-04 08:29:15.36+00	2026-11-04 08:30:15.36+00	\N
87788321-d1ff-4793-a951-177fcbc73dde	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	c55c4cb3b94f806647150e485546314b	\\x96807240a61eb30f028bcab7a2334962e59fb057bc2b77cebf00ba7f444d0297	USER	approved	amelia	Amelia Hart	amelia.hart@northwind.example	approved-by-a-rule.exe	/opt/setup/approved-by-a-rule.exe	["--quiet"]	4c68b5efcff5f5ab34ab512ebb1659d6e72101007c49cdaa00b9016a3286c31f	4650	Example Software Ltd	because of: again: approved by a rule	2026-11-04 08:29:55.37+00	2026-11-08 08:29:55.37+00	2026-11-04 08:29:55.37+00
61ce1124-9c74-454d-af14-47664fa8fdca	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	2e9d533db3aebcb87b111e65a706e9ca	\\x727fac8bfcfbe1c365468027206d8093ac677d1b0fc936ec75504dc955f01573	USER	approved	amelia	Amelia Hart	amelia.hart@northwind.example	approved-at-a-terminal.exe	/opt/setup/approved-at-a-terminal.exe	["--quiet"]	3b93a208f86316723b8de8095d26403f3241556b8a1da94e15dbcf98b03482d3	1342	Example Software Ltd	because of: again: approved at a terminal	2026-11-04 08:29:55.38+00	2026-11-08 08:29:55.38+00	2026-11-04 08:29:55.38+00
c26394b9-2c26-48ec-abc4-3a444b830447	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	94798c9bf4723897f29771c134c41aa8	\\x181ca38287d50c534c270e901c3984c1a113f65953acfb44c4b5cbcd84226c94	USER	denied	amelia	Amelia Hart	amelia.hart@northwind.example	create-unknown,-made,-denied.exe	/opt/setup/create-unknown,-made,-denied.exe	["--quiet"]	d1624a88940b73bda2de9987af8ae0d2fc0cae9124335a83f0d281032473d37c	5220	Example Software Ltd	because of: create unknown, made, denied	2026-11-04 08:30:23.4+00	2026-11-08 08:30:23.4+00	2026-11-04 08:30:23.42+00
c9e78e92-549f-4fca-81fe-eb42e5a71c35	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	999a702fd0cc0d08e308ed8bd9a1425f	\\x1aeff469b913f971c1004d1e1cb4315284c412aab5dacf6342f4789f6b1058a2	USER	approved	amelia	Amelia Hart	amelia.hart@northwind.example	create-unknown,-not-made,-approved.exe	/opt/setup/create-unknown,-not-made,-approved.exe	["--quiet"]	0d150aa485ad69ccf7a17cc4659e3e008d23b778d41828d0350cccec59d01d05	7631	Example Software Ltd	because of: create unknown, not made, approved	2026-11-04 08:30:23.42+00	2026-11-08 08:30:23.42+00	2026-11-04 08:30:23.42+00
d61b5c8f-bec5-490c-91d0-012d83f40963	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	3f698cfa-6aa7-4f58-bf26-648b1b2f5bbb	257a1c936fcc39bfcc4ebab080384e4f	\\x6cd0b9dac394632514f8e03986c569f15c4a23a1a8e705ce1f12ba75805bff97	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	delayed.exe	/opt/setup/delayed.exe	["--quiet"]	16d79713fa05466859e2d81f3de2c89420c1e223216a56915fa3a78116b547e8	7772	Example Software Ltd	because of: delayed	2026-11-04 08:30:23.44+00	2026-11-08 08:30:23.44+00	\N
f1853a5f-e5d3-448e-a9f0-ea9ad13aebc9	8b405aba-7dab-4fb9-a17e-3e52f4344db0	fe8b9bc1-e477-45c7-9cf4-ce95933c7b25	Initech	e15c8eee-48ce-420e-9160-c948b73ea4bf	a7b739c12283f87e231e20fddfe5633c	\\x246988da4e3e537f88046e3b827c60e3781cf23d2b0605d80183dc1f98c4b415	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	unlinked-IT-1.exe	/opt/setup/unlinked-IT-1.exe	["--quiet"]	c18410d412493000d38f10d2f2dac8713435f6b2dc9d1957519f3fe2ef7b8195	1664	Example Software Ltd	because of: unlinked IT-1	2026-11-04 08:30:23.45+00	2026-11-08 08:30:23.45+00	\N
34845e68-5172-4605-8ca4-b397af204b25	8b405aba-7dab-4fb9-a17e-3e52f4344db0	da91e4ba-423b-4436-b580-3830be6fc8c3	Wide World Importers	2a5dbbdf-6eda-4d80-97e8-aebdb460af51	599c35fed3817f9a056194339f9e5a05	\\xf39216b49d024c94d550fdb67f57c4f5be3ea4d8de43920ba446c35f5623b07e	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	unlinked-WW-1.exe	/opt/setup/unlinked-WW-1.exe	["--quiet"]	b857081288c44790ea8cf55031d3d7a2faec106fcb9dbc7dbe241737bb01643e	2362	Example Software Ltd	because of: unlinked WW-1	2026-11-04 08:30:23.46+00	2026-11-08 08:30:23.46+00	\N
bea680e5-b11b-4451-8745-8cff275efbec	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2c49e583-8f77-4831-831a-3454d73d8f0b	Litware	22e20212-183a-4775-9c50-ba3438d8aedb	019f74f4d531af73afe6adb7507f9a7a	\\xa01e60d6a09862d6162979771ee244d0f4d7bb1627b4558ba135ac88bc0d34a9	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	unlinked-LW-1.exe	/opt/setup/unlinked-LW-1.exe	["--quiet"]	9d07f3e5912c3dabca36d9964077001df15c98df6c265ca60fbaf2f253508fd6	4354	Example Software Ltd	because of: unlinked LW-1	2026-11-04 08:30:23.47+00	2026-11-08 08:30:23.47+00	\N
1250d14b-f167-4702-9c0f-6638dac9b7d6	8b405aba-7dab-4fb9-a17e-3e52f4344db0	0da97529-2055-4f9f-9f65-f02931688bcd	Contoso Dental Care	97032300-bb96-45aa-903e-cc6703e63da3	4ce99a0f2e343513f271336c80f9689a	\\x4ae32e1e642432197d6d04277fe065c26a3de06e75fb871cb143f674545fa026	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	unlinked-CC-1.exe	/opt/setup/unlinked-CC-1.exe	["--quiet"]	fb13da75d5d122021cdb8782fc815bff9e2622bdb631e521b208a5a5f8714798	4975	Example Software Ltd	because of: unlinked CC-1	2026-11-04 08:30:23.48+00	2026-11-08 08:30:23.48+00	\N
0f93d86f-4f78-4408-bcea-a1864fd69c2d	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	68f75ff647af83ef066e42584027ec5e	\\xbf53e5095c064e8a26484c636255cac21283aad75d825d389ef0d982aba92c0e	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	never-tried.exe	/opt/setup/never-tried.exe	["--quiet"]	468dbd7bd201f21f90a2288b4fcdfa2b488b6a2fb0d75f791b84ba3f4de36838	3895	Example Software Ltd	because of: never tried	2026-11-04 08:30:23.49+00	2026-11-08 08:30:23.49+00	\N
d91858e5-f903-4146-ac42-0e70801bb196	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	9f67c532f9589213ee047b5713486405	\\x3aad4db98b930047ce7371e2bd1f49c9a3fb6c37a0d8448bc4a2eca9284f7152	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	never-tried.exe	/opt/setup/never-tried.exe	["--quiet"]	468dbd7bd201f21f90a2288b4fcdfa2b488b6a2fb0d75f791b84ba3f4de36838	3895	Example Software Ltd	because of: never tried again	2026-11-04 08:30:23.5+00	2026-11-08 08:30:23.5+00	\N
9d495aa1-b67f-43ef-a417-f4c16c5effb3	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	d7f3797466dc94637ec5cfd3920bfb0a	\\x12dce889537f1deb5201048370350ce1ff4447096afbe8bc76f0e0c1cd0d6bf6	USER	approved	amelia	Amelia Hart	amelia.hart@northwind.example	approved,-never-tried.exe	/opt/setup/approved,-never-tried.exe	["--quiet"]	68082b3fd953b204164c592ad68222391d75dfab961bc6231f49acc8b30d919c	8389	Example Software Ltd	because of: approved, never tried	2026-11-04 08:30:23.52+00	2026-11-08 08:30:23.52+00	2026-11-04 08:30:23.52+00
99c9aded-a31b-427c-a8d0-e2da4b3d8bb0	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	7cd62763daa2cee18ed3703ed6cbd796	\\xe20e62085ecfb9b7ca14c6771e3a1471b4414000266f073b06d8048092fb10e6	USER	cancelled	amelia	Amelia Hart	amelia.hart@northwind.example	cancelled,-never-tried.exe	/opt/setup/cancelled,-never-tried.exe	["--quiet"]	2460fb303a62c0d1db7ebb3dea14f22b34e326bc4b9a31a63be54013fe12d4d5	4795	Example Software Ltd	because of: cancelled, never tried	2026-11-04 08:30:23.53+00	2026-11-08 08:30:23.53+00	2026-11-04 08:30:23.53+00
a9e6cc55-f37a-4047-90f0-3586590627d0	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	623e317d78634b1a3e459e96771dcae7	\\xf9534d726f408dbb259a6051feb1812567bb3d5fbec9132502f017a3bc7deb3c	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	create-unknown,-made.exe	/opt/setup/create-unknown,-made.exe	["--quiet"]	16c4389660de1dd9d53505d961c146c7238fb55af3b77093ebaf39f1ea03cc99	6073	Example Software Ltd	because of: create unknown, made	2026-11-04 08:30:23.39+00	2026-11-08 08:30:23.39+00	\N
95eb4387-5938-4dc6-b314-24b213572a3f	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	c6dd0eb3da4639500bad4cb2c46b7635	\\xf8b2e59b93ad5c7da860d24f3662f602ec474042c57062791fcc2eef7a54be88	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	create-unknown,-not-made.exe	/opt/setup/create-unknown,-not-made.exe	["--quiet"]	9ea25e29fe45cddcf643285b12e4c143fcc6f6ea5df82c2b77f1216606174021	1292	Example Software Ltd	because of: create unknown, not made	2026-11-04 08:30:23.41+00	2026-11-08 08:30:23.41+00	\N
15fa98c5-701c-4549-8525-b2aba0fde4a9	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	6b362ae16b3100c4d93350da386dcba0	\\x0500c752f7dbff4fbf749f3b4e8d87235207d400403a9cd85ffe8b5d343ba847	USER	pending	amelia	Amelia Hart	amelia.hart@northwind.example	refused-when-opened.exe	/opt/setup/refused-when-opened.exe	["--quiet"]	f4d705b9945e1a355ded5e1ee06ab2dfd4d76de696c247d851976337287d1ce0	3880	Example Software Ltd	because of: refused when opened	2026-11-04 08:30:23.43+00	2026-11-08 08:30:23.43+00	\N
28c5d69f-6635-4cb7-95a3-a067a3f843e7	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	Northwind Traders	b9966276-ec9f-481d-8e0d-f6c08565624d	ca08fdb937f6efe9ec20811dae35d9cd	\\x61e259f40fab315e6ee687da22039e26dfcdd815198379a1d2e70164bb477e77	USER	approved	amelia	Amelia Hart	amelia.hart@northwind.example	note-unknown,-written.exe	/opt/setup/note-unknown,-written.exe	["--quiet"]	721f55729c8c1dfb29d25470b0b74f90002f30a2b955fc6188dffd5067665908	5368	Example Software Ltd	because of: note unknown, written	2026-11-04 08:29:08.28+00	2026-11-08 08:29:08.28+00	2026-11-04 08:30:23.48+00
da839164-fc70-4008-9bd4-9ecc3b8b10f8	8b405aba-7dab-4fb9-a17e-3e52f4344db0	873cde98-5e96-4dfb-8c9f-702dbc5f068f	Tailspin Toys	11502eff-a141-4b2d-b831-e1728cf1d245	be331de499e9e1e10e4945e45216986e	\\xd81087505420eddcec9a19d9c374bce07ef6c55fbee9b3620c30b26742a2ca75	USER	denied	amelia	Amelia Hart	amelia.hart@northwind.example	of-a-deleted-customer.exe	/opt/setup/of-a-deleted-customer.exe	["--quiet"]	f73bbe53bcc658a4bbf2e19dc29453a440cba7cf0da0cfb5b93bceb76bae07ab	9030	Example Software Ltd	because of: of a deleted customer	2026-11-04 08:18:36.15+00	2026-11-08 08:18:36.15+00	2026-11-04 08:30:23.48+00
\.


COPY public.endpoint (id, msp_id, customer_id, name, public_key, operating_system, agent_version, state, enrolled_at, last_seen_at) FROM stdin;
3803fdab-d9fe-4edd-bbbd-59e8f0698d52	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	NW-LAP-014	\\x7e31b30a1b8c0cd84786222507c34d8c21d4712032afc33e8120144a71ee00a9	Debian 12	0.1.0	held	2026-11-02 08:04:26+00	2026-11-02 08:04:26+00
f10da286-45fe-4ad8-8261-1a1d926f69b6	8b405aba-7dab-4fb9-a17e-3e52f4344db0	03eb0880-2c03-4c2f-8321-ecbbd2233ae7	CD-FRONT-01	\\xe5d9e294e15c83aa66cac992734b72b125452a93fac0b29e89d9a7a0fc8ae36f	Debian 12	0.1.0	active	2026-11-02 08:04:33+00	2026-11-02 08:04:33+00
09322c64-e98d-4288-947e-eb52fc8533db	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	NW-OLD-001	\\xed4ae681b49eaed16b008c527d27f5e88bf58dc1fdada4875324a9af748f5758	Debian 12	0.1.0	revoked	2026-11-02 08:04:12+00	2026-11-02 08:04:12+00
333eb798-1c0e-492a-8522-d4bf7d8126e0	8b405aba-7dab-4fb9-a17e-3e52f4344db0	03eb0880-2c03-4c2f-8321-ecbbd2233ae7	CD-FRONT-01	\\xea100226e5ba0357e67882ac7b67053145923f0ca647be5f6e162841519c8321	Debian 12	0.1.0	active	2026-11-02 08:03:02+00	2026-11-02 08:12:30.07+00
23dc971f-515d-4b07-96dd-2cb262fa0f37	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2fb41874-1c06-42c3-bddf-b588e2abf366	AW-CAD-05	\\x1455b1cf0f03552a09f73ff986dcc29ca56416c3d7f98f88216cd49074acdbef	Debian 12	0.1.0	active	2026-11-02 08:03:16+00	2026-11-04 08:18:36.14+00
ad772645-6623-4f44-b6eb-1f81c9609a61	8b405aba-7dab-4fb9-a17e-3e52f4344db0	d4ffadcf-5767-4cd0-b272-3dddde89d022	PW-1	\\x1d2dbfc59a59a9cc1f5dba9ef00f83cec5773408f631582084380858036b37be	Debian 12	0.1.0	active	2026-11-02 08:03:30+00	2026-11-04 08:18:36.16+00
9f637c88-6f43-4e37-8ced-0f768c0f0743	8b405aba-7dab-4fb9-a17e-3e52f4344db0	d9292825-fd95-4aec-bf51-951c403bd657	FL-LAP-007	\\x211630fb604417732963ca1c2ccada363923b13a1e02c1c6556fd893650143be	Debian 12	0.1.0	active	2026-11-02 08:03:09+00	2026-11-04 08:18:36.17+00
b404c433-8f5d-4520-8e8b-7f109689698e	728b777d-cbc8-4888-b961-143dce2c2e4f	839120b7-0bad-4ce5-ac7f-cf934fa4c9cf	NW-LAP-014	\\x08bb58a568bf77a2e9fa0e2f85b926d38fbb4bfacd1553a94cb0aa338e78b291	Debian 12	0.1.0	active	2026-11-02 08:12:25.02+00	2026-11-04 08:29:08.25+00
b9966276-ec9f-481d-8e0d-f6c08565624d	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	NW-DESK-003	\\x27a36c1dcc4cb5408b47078e724f4a550b515e51d496fe21962f749bf3fbf939	Debian 12	0.1.0	active	2026-11-02 08:02:55+00	2026-11-04 08:29:08.26+00
11502eff-a141-4b2d-b831-e1728cf1d245	8b405aba-7dab-4fb9-a17e-3e52f4344db0	873cde98-5e96-4dfb-8c9f-702dbc5f068f	TT-SHOP-1	\\xa263b9c572196c20a2e082795b7ff025028c0c82588541190edffc43442b2147	Debian 12	0.1.0	revoked	2026-11-02 08:03:23+00	2026-11-04 08:18:36.15+00
7d5debc0-c52e-45e5-8343-59d64d22028c	8b405aba-7dab-4fb9-a17e-3e52f4344db0	b5148332-da54-4e61-b839-79d81eeeb925	NB-1	\\x4e29b55805276ffc6186ab852eb78716f34e6b1611e0c7550c3e44a61e223975	Debian 12	0.1.0	active	2026-11-02 08:04:05+00	2026-11-04 08:29:15.36+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	NW-LAP-014	\\x2b19839c97467b969d7a1adaacff80360cc126273cc3dca1cd3a226c47d43797	Debian 12	0.1.0	active	2026-11-02 08:02:48+00	2026-11-04 08:30:23.39+00
3f698cfa-6aa7-4f58-bf26-648b1b2f5bbb	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	NW-NEW-9	\\xc5798553f7593a0981b936b098a35f5a154c97deaa2add876f3aae4b51b87cdd	Debian 12	0.1.0	active	2026-11-02 08:04:19+00	2026-11-04 08:30:23.44+00
e15c8eee-48ce-420e-9160-c948b73ea4bf	8b405aba-7dab-4fb9-a17e-3e52f4344db0	fe8b9bc1-e477-45c7-9cf4-ce95933c7b25	IT-1	\\xceca9c95d84f344c5405d6d4074bf7644b5315d3612e34855cbf1b2a9a269d32	Debian 12	0.1.0	active	2026-11-02 08:03:37+00	2026-11-04 08:30:23.45+00
2a5dbbdf-6eda-4d80-97e8-aebdb460af51	8b405aba-7dab-4fb9-a17e-3e52f4344db0	da91e4ba-423b-4436-b580-3830be6fc8c3	WW-1	\\x05f7c3b0ff55aff3389dad37a89631c44a46915dbd170ff4c4e79a75a6cca455	Debian 12	0.1.0	active	2026-11-02 08:03:44+00	2026-11-04 08:30:23.46+00
22e20212-183a-4775-9c50-ba3438d8aedb	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2c49e583-8f77-4831-831a-3454d73d8f0b	LW-1	\\xaedace0c043942dca65f499a530c98f6ae97aaf222684a97c323fbf9b7a4a225	Debian 12	0.1.0	active	2026-11-02 08:03:51+00	2026-11-04 08:30:23.47+00
97032300-bb96-45aa-903e-cc6703e63da3	8b405aba-7dab-4fb9-a17e-3e52f4344db0	0da97529-2055-4f9f-9f65-f02931688bcd	CC-1	\\xcb10c3a408d55234ff5c3a95a3749b454a406ba5f045a0a74d1507aa302e4b0f	Debian 12	0.1.0	active	2026-11-02 08:03:58+00	2026-11-04 08:30:23.48+00
\.


COPY public.endpoint_nonce (endpoint_id, nonce, msp_id, seen_at) FROM stdin;
23dc971f-515d-4b07-96dd-2cb262fa0f37	t2t2LstDPfrDoMDvJsYPRA	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:18:36.14+00
11502eff-a141-4b2d-b831-e1728cf1d245	lc8uQrCmIdZyjJoz5sAHfQ	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:18:36.15+00
ad772645-6623-4f44-b6eb-1f81c9609a61	ea5CGK6llBEgTo172Rsa-g	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:18:36.16+00
9f637c88-6f43-4e37-8ced-0f768c0f0743	1HWGYIcQvJTE9NMVo6Nm9Q	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:18:36.17+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	8bWQYPbUWG96N31AD5G0Vg	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.18+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	0-F-vleUzHxzC_Nb10832w	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.19+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	EW46dPymevxu7CNvuJSPBw	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.2+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	YGJNze34__teG5AU4qwjYg	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.21+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	vUBrdm6H07eribwPhHMN7g	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.22+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	_-Pp-oIyo2eaSXUjagQhUg	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.23+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	Ojv7Ep54Mf6ojAM3e9PZGw	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:19:43.24+00
b404c433-8f5d-4520-8e8b-7f109689698e	7pIX_yZx1YWAivlW1_PwoQ	728b777d-cbc8-4888-b961-143dce2c2e4f	2026-11-04 08:29:08.25+00
b9966276-ec9f-481d-8e0d-f6c08565624d	7aCs7lwaMY154Ipj6QkblQ	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.26+00
b9966276-ec9f-481d-8e0d-f6c08565624d	UFmePXzRg0PuVLL5_z_ZMA	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.27+00
b9966276-ec9f-481d-8e0d-f6c08565624d	3Me2z7aThFlSl4nriNXBpg	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.28+00
b9966276-ec9f-481d-8e0d-f6c08565624d	2KSk3pEGP7nAYn4EXpfqgA	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.29+00
b9966276-ec9f-481d-8e0d-f6c08565624d	HunzBHZjau7TK-GYzVS3Pg	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.3+00
b9966276-ec9f-481d-8e0d-f6c08565624d	3eOqW23c5IwD_ZYiVMY5kA	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.31+00
b9966276-ec9f-481d-8e0d-f6c08565624d	vEG3czBQKRHtn6jtKPqtVQ	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.32+00
b9966276-ec9f-481d-8e0d-f6c08565624d	gP0BdO1lM1NolxDQJiOD9A	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.33+00
b9966276-ec9f-481d-8e0d-f6c08565624d	erlda992O6474y7fyB6eVQ	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.34+00
b9966276-ec9f-481d-8e0d-f6c08565624d	N8aks1Jkjy5jpCtUxS1DWQ	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:08.35+00
7d5debc0-c52e-45e5-8343-59d64d22028c	XNTVj4aNeb0qBCnbp5hScA	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:15.36+00
b9966276-ec9f-481d-8e0d-f6c08565624d	m8nzRH8AhyBYvTVrva6X_Q	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:55.37+00
b9966276-ec9f-481d-8e0d-f6c08565624d	JwKRAq3KleiJAqhpXVj4fQ	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:55.38+00
b9966276-ec9f-481d-8e0d-f6c08565624d	1-M1ZgsWCfndepozvRGxwg	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:29:55.38+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	7ixWFedxYtFbw5JAoZJlZw	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.39+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	Dl8H8wb2en6I4oeypKXl_g	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.4+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	nw1yXgP4PWu7POzB3Z3z_g	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.41+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	9hE9DGRpfwKB2U_Erhej0Q	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.42+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	tdAwpyMZr_P2vipWu0sHIA	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.43+00
3f698cfa-6aa7-4f58-bf26-648b1b2f5bbb	zljzSUNPOb63ShPG977gkw	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.44+00
e15c8eee-48ce-420e-9160-c948b73ea4bf	hkmJml7T5JiGPGiCLlJTFQ	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.45+00
2a5dbbdf-6eda-4d80-97e8-aebdb460af51	1EqLIBOL5E1HqZGWzXOlaw	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.46+00
22e20212-183a-4775-9c50-ba3438d8aedb	nxEhfxrJEHyRJMKIL3EVqA	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.47+00
97032300-bb96-45aa-903e-cc6703e63da3	zcjuikVLWgC6knmKXEEQkA	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.48+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	EykA1i0Ub0m-SF7yhvaVwA	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.49+00
b9966276-ec9f-481d-8e0d-f6c08565624d	uJyaEJWU5KWxxjDwwlWynw	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.5+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	L7_ifO3RObRdUxvhqMGH6g	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.51+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	wpzL59ttJrm-cbm89-cAKw	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.52+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	k2Xea1R1W7_Dpx4l2TOUKQ	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.53+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	Qpm1TYvdupPBZB75AsUcoA	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2026-11-04 08:30:23.53+00
\.


COPY public.enrolment_token (id, msp_id, customer_id, token_hash, endpoint_name, created_at, expires_at, used_at, endpoint_id) FROM stdin;
f5153620-e7c2-4b03-9f3f-0cd3a01f4f50	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	\\xc5c7a327c855870f30f4116d7f96976d0690d123587a6d86d5a45b3f18532ccb	\N	2026-11-02 08:02:48+00	2026-11-02 09:02:48+00	2026-11-02 08:02:48+00	5e400dd7-7f27-4a1a-af36-3d3d25b2b09f
bba38636-6e27-4602-942d-767ba34c6a31	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	\\xa7b06e4eff1eaea5e605dfc789484563855b88b8f26e37fe8c2519d36a941577	\N	2026-11-02 08:02:55+00	2026-11-02 09:02:55+00	2026-11-02 08:02:55+00	b9966276-ec9f-481d-8e0d-f6c08565624d
a5eea2a2-cb26-4540-af9b-975cfa1005b6	8b405aba-7dab-4fb9-a17e-3e52f4344db0	03eb0880-2c03-4c2f-8321-ecbbd2233ae7	\\x20ee9e06eb4888b39f7724110d4ce0212b9adf33a13accbec8565e847db307df	\N	2026-11-02 08:03:02+00	2026-11-02 09:03:02+00	2026-11-02 08:03:02+00	333eb798-1c0e-492a-8522-d4bf7d8126e0
ec1dcac5-e267-42f0-8298-47bbaac7c2ad	8b405aba-7dab-4fb9-a17e-3e52f4344db0	d9292825-fd95-4aec-bf51-951c403bd657	\\x6c4cb03455ab5b1dd21290b723561ef317fc7c53fbd9da3cd2f66c0f35c211d0	\N	2026-11-02 08:03:09+00	2026-11-02 09:03:09+00	2026-11-02 08:03:09+00	9f637c88-6f43-4e37-8ced-0f768c0f0743
386dcc84-61e2-47b4-9ad7-1ab412da05bd	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2fb41874-1c06-42c3-bddf-b588e2abf366	\\x19b9477496509d5463088f00a4915de58bd62e42e40044ca35d20278c71e3a4a	\N	2026-11-02 08:03:16+00	2026-11-02 09:03:16+00	2026-11-02 08:03:16+00	23dc971f-515d-4b07-96dd-2cb262fa0f37
426aebd1-d9d0-4cbc-9ef7-33c3d68cad1b	8b405aba-7dab-4fb9-a17e-3e52f4344db0	873cde98-5e96-4dfb-8c9f-702dbc5f068f	\\xa459448d29c6a723b8b86af6cd25c42c212170a2f2fcf98409c18aa851a4a35d	\N	2026-11-02 08:03:23+00	2026-11-02 09:03:23+00	2026-11-02 08:03:23+00	11502eff-a141-4b2d-b831-e1728cf1d245
b518e135-17ad-4c57-8067-efdb06c7fa12	8b405aba-7dab-4fb9-a17e-3e52f4344db0	d4ffadcf-5767-4cd0-b272-3dddde89d022	\\x60aeff58e6043f20a3ace248ff67b33ff75c92c0151c10420a170b54ed52281c	\N	2026-11-02 08:03:30+00	2026-11-02 09:03:30+00	2026-11-02 08:03:30+00	ad772645-6623-4f44-b6eb-1f81c9609a61
27e0dfb3-4733-42c7-b877-9a00407cef3d	8b405aba-7dab-4fb9-a17e-3e52f4344db0	fe8b9bc1-e477-45c7-9cf4-ce95933c7b25	\\x653de93805df8465c7fd23594c1c5a41a96e2f54f43974b31d741041482ef171	\N	2026-11-02 08:03:37+00	2026-11-02 09:03:37+00	2026-11-02 08:03:37+00	e15c8eee-48ce-420e-9160-c948b73ea4bf
d4d17582-d9eb-40c2-a4aa-0a8584637abd	8b405aba-7dab-4fb9-a17e-3e52f4344db0	da91e4ba-423b-4436-b580-3830be6fc8c3	\\x667326446475b29a50d2bf22773b9f62a7fa85fb188aa315856674c6f2fb2f8a	\N	2026-11-02 08:03:44+00	2026-11-02 09:03:44+00	2026-11-02 08:03:44+00	2a5dbbdf-6eda-4d80-97e8-aebdb460af51
d7ef662d-4485-40da-ba58-3c0af0c69d90	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2c49e583-8f77-4831-831a-3454d73d8f0b	\\x7bd11632ef3add6f9ec97beb5b355adca1912af4ea51ad72e2b95126ca3a8ede	\N	2026-11-02 08:03:51+00	2026-11-02 09:03:51+00	2026-11-02 08:03:51+00	22e20212-183a-4775-9c50-ba3438d8aedb
f65c6471-6269-475a-93a6-008df8c71384	8b405aba-7dab-4fb9-a17e-3e52f4344db0	0da97529-2055-4f9f-9f65-f02931688bcd	\\x9662780710ca40032be2f002e3c43b10aa113d904e74d9d3cc942f94dfbe5928	\N	2026-11-02 08:03:58+00	2026-11-02 09:03:58+00	2026-11-02 08:03:58+00	97032300-bb96-45aa-903e-cc6703e63da3
e6e81b9b-59b4-4435-a0fe-bed52c8eeb13	8b405aba-7dab-4fb9-a17e-3e52f4344db0	b5148332-da54-4e61-b839-79d81eeeb925	\\x78ca48e306d3116070c989a7826bd6c01fcf64951dfa6708ac1519b99d51a073	\N	2026-11-02 08:04:05+00	2026-11-02 09:04:05+00	2026-11-02 08:04:05+00	7d5debc0-c52e-45e5-8343-59d64d22028c
1f4b2b52-384f-486a-9a61-e4a4d15c7558	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	\\xf43b82c27a83fe6adbbf5be53c355c238d13c25c48aec5cdd0641845bfe84882	\N	2026-11-02 08:04:12+00	2026-11-02 09:04:12+00	2026-11-02 08:04:12+00	09322c64-e98d-4288-947e-eb52fc8533db
4bac80ca-bdf1-4c40-aa95-56f7372db988	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	\\x471bffcc81b444d945dd0a0ecd294f8fcc6c73c190c98739a8c3782af5371405	\N	2026-11-02 08:04:19+00	2026-11-02 09:04:19+00	2026-11-02 08:04:19+00	3f698cfa-6aa7-4f58-bf26-648b1b2f5bbb
c7abed7c-2764-4b0b-a334-a94691381918	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	\\x111dea77ea663ce552da1543e0b23be8ed2611ab49f27a21b0357e94104b509b	\N	2026-11-02 08:04:26+00	2026-11-02 09:04:26+00	2026-11-02 08:04:26+00	3803fdab-d9fe-4edd-bbbd-59e8f0698d52
d1050108-d915-4c12-9924-d9c3293c86a2	8b405aba-7dab-4fb9-a17e-3e52f4344db0	03eb0880-2c03-4c2f-8321-ecbbd2233ae7	\\xb5f47533e8eea3df61fda5564cd4b5aea4a4eae67417eea962d6a4bf56164096	\N	2026-11-02 08:04:33+00	2026-11-02 09:04:33+00	2026-11-02 08:04:33+00	f10da286-45fe-4ad8-8261-1a1d926f69b6
df808df5-2f36-4d2c-97ba-e129423b3380	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	\\x369db4310218c9a829acd984fc660f1f11679a7bad06a324347c984d23693e68	\N	2026-11-02 08:04:47+00	2026-11-02 08:09:47+00	\N	\N
46a35960-077a-4a9a-8f31-838ca963db1c	8b405aba-7dab-4fb9-a17e-3e52f4344db0	03eb0880-2c03-4c2f-8321-ecbbd2233ae7	\\x9fbfbe54e64ca52ad0146689e56236c4ff1a3294111bd2cb9e1d317027d8479f	CD-NEW-1	2026-11-02 08:04:54+00	2026-11-09 08:04:54+00	\N	\N
f3089899-4b5b-4f83-8aa9-1ab5bf8d7cc5	728b777d-cbc8-4888-b961-143dce2c2e4f	839120b7-0bad-4ce5-ac7f-cf934fa4c9cf	\\x3607b921afc0f2607a5bb7bac843bb506f98b71040570457611d004cf66801c5	\N	2026-11-02 08:12:25.02+00	2026-11-02 09:12:25.02+00	2026-11-02 08:12:25.02+00	b404c433-8f5d-4520-8e8b-7f109689698e
\.


COPY public.halopsa_object (connector_id, key, msp_id, kind, name, remote_id, fingerprint, key_ids, intended_at, made_at) FROM stdin;
c2b93b5b-2fc7-4348-8737-68837db8aeb3	field.customer_name	8b405aba-7dab-4fb9-a17e-3e52f4344db0	custom_field	idemeumCustomerName	1	\\xac9d37b5e8160a52cf3b4a2c7461b17362a5013311315c2dc71261563743058b	{}	2026-11-02 08:07:57.02+00	2026-11-02 08:07:57.02+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	field.request_id	8b405aba-7dab-4fb9-a17e-3e52f4344db0	custom_field	idemeumElevationRequestId	2	\\x440d1864bb5b5136cf1b91ac2493e4722305dca93d9bdd040f87ffe804ee863d	{}	2026-11-02 08:07:57.02+00	2026-11-02 08:07:57.02+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	integration.decisions	8b405aba-7dab-4fb9-a17e-3e52f4344db0	integration	Idemeum API integration	1	\\xa20f463373565def57b98b2174b2d4eadb3cabbcc39d137bfa59a50f22e5599d	{XETDFr8Y}	2026-11-02 08:07:57.02+00	2026-11-02 08:07:57.02+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	method.approve	8b405aba-7dab-4fb9-a17e-3e52f4344db0	method	idemeum - approve elevation request	1	\\x00c9a296ec36bbd841c08d348c111a6c37ef80b8b2a92007273cc17bea7fe7d3	{}	2026-11-02 08:07:57.02+00	2026-11-02 08:07:57.02+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	method.deny	8b405aba-7dab-4fb9-a17e-3e52f4344db0	method	idemeum - deny elevation request	2	\\xf016240e91b7e5aa60b45f0cd430001a1e92dd40131982eec0ec63b147c415e1	{}	2026-11-02 08:07:57.02+00	2026-11-02 08:07:57.02+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	action.approve	8b405aba-7dab-4fb9-a17e-3e52f4344db0	action	Idemeum - approve elevation request	13	\\x69653193fd2a71aa2739ff2c59d3bc99f9cd1ec79c4b68bf93d21ece6408920f	{}	2026-11-02 08:07:57.02+00	2026-11-02 08:07:57.02+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	action.deny	8b405aba-7dab-4fb9-a17e-3e52f4344db0	action	Idemeum - deny elevation request	14	\\x2a874db052f3423de9f4aa19e138bb4b6e0e3e55cdcf3b95faa380a69a43d7ac	{}	2026-11-02 08:07:57.02+00	2026-11-02 08:07:57.02+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	workflow.approve	8b405aba-7dab-4fb9-a17e-3e52f4344db0	workflow_place	Idemeum - approve elevation request	1/13	\\x402a565a435b794e75a4962d2e4421d3ff4886d10afee5246c48f5f7221f4bf3	{}	2026-11-02 08:07:57.02+00	2026-11-02 08:07:57.02+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	workflow.deny	8b405aba-7dab-4fb9-a17e-3e52f4344db0	workflow_place	Idemeum - deny elevation request	1/14	\\x9aa91225d4da937dfe115f29e2576dadfc5f97dc096e64d84717c54d76a7bf6c	{}	2026-11-02 08:07:57.02+00	2026-11-02 08:07:57.02+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	tab.portal	8b405aba-7dab-4fb9-a17e-3e52f4344db0	tab	idemeum	1	\\xae2de9734f8768d797dffb5a84ff45c4c716942494c7c5855ff0e42a2442e237	{}	2026-11-02 08:07:57.02+00	2026-11-02 08:07:57.02+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	integration.jit	8b405aba-7dab-4fb9-a17e-3e52f4344db0	integration	Idemeum JIT account integration	2	\\xa6ff678e96eb4310ab72356e663fc38f331b0440754b28d5074ce525c6439e33	{MxDKDq9y}	2026-11-02 08:07:57.02+00	2026-11-02 08:07:57.02+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	method.disable_jit	8b405aba-7dab-4fb9-a17e-3e52f4344db0	method	idemeum - disable JIT accounts	3	\\x0c35bf7f0bc583ffb9ac0d6b2d2d356be4aa043f7c7959a30b6e0821c3d45488	{}	2026-11-02 08:07:57.02+00	2026-11-02 08:07:57.02+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	runbook.disable_jit	8b405aba-7dab-4fb9-a17e-3e52f4344db0	runbook	Idemeum - disable JIT accounts	aa4fe401-a855-4a6f-a9f0-2e2dd7a77fde	\\xea445a579c43e8e25c6b21be722d3c3129d46fb59e6edbd7c3b4effbbcb5f1dc	{}	2026-11-02 08:07:57.02+00	2026-11-02 08:07:57.02+00
c2b93b5b-2fc7-4348-8737-68837db8aeb3	runbook.trigger	8b405aba-7dab-4fb9-a17e-3e52f4344db0	runbook_trigger	Ticket Closed	1	\\xf1700f514015b58f08c5554537cecac7e4aa976b08575fdb453d927d2621e61a	{}	2026-11-02 08:07:57.02+00	2026-11-02 08:07:57.02+00
\.


COPY public.inbound_key (id, msp_id, key_id, key_hash, name, actions, modes, customer_ids, requires_technician, created_at, expires_at, revoked_at, last_used_at, networks, calls_per_minute, seen_networks) FROM stdin;
5411da66-e514-4113-acda-ee9cc3aedffa	8b405aba-7dab-4fb9-a17e-3e52f4344db0	gIWTF5mV	\\xd834447ae640edcecef6958b2fff69115420849c06572d118884a2923a645f30	a day	{read}	{USER}	\N	f	2026-11-02 08:02:27+00	2026-11-03 08:02:27+00	\N	\N	\N	300	{}
ea4ee070-0ada-441e-bbc0-dd07369d1f44	8b405aba-7dab-4fb9-a17e-3e52f4344db0	YHofOetO	\\x13a5dcfd7e3808b19e2f6978b81e53fc516604b2da0293a29a1935e6f46a57a3	revoked	{approve,deny,disable_jit}	{USER}	\N	f	2026-11-02 08:02:34+00	2027-11-02 08:02:34+00	2026-11-02 08:02:41+00	\N	\N	300	{}
04969e68-3c2e-4dbd-bff0-c60dc4605e4c	728b777d-cbc8-4888-b961-143dce2c2e4f	IshKDblR	\\x001d19cfb808c569074474686572e10a4170c5b8398c8de732294f1eb5fce98c	buttons	{approve,deny,disable_jit}	{USER}	\N	f	2026-11-02 08:12:18.02+00	2027-11-02 08:12:18.02+00	\N	2026-11-02 08:12:25.04+00	\N	300	{192.0.2.0/24}
e80c043c-0555-4fe7-8ebf-8fe594a7ee51	8b405aba-7dab-4fb9-a17e-3e52f4344db0	VWttOAOz	\\x94541bda0ecea992a1999c35876c4151e6dc4232a88e738d7232382595863deb	buttons that name the technician	{approve,deny,disable_jit}	{USER}	\N	t	2026-11-02 08:02:20+00	2027-11-02 08:02:20+00	\N	2026-11-02 08:12:30.11+00	\N	300	{192.0.2.0/24}
5a9f5358-642d-4440-9789-22476b451531	8b405aba-7dab-4fb9-a17e-3e52f4344db0	JHAwMrkO	\\x09fe61513de341bac26f1aff7fa6c7327fe77c5cadcd645d2097aeda0f628e9c	everything	{approve,deny,disable_jit,read,manage_customers,manage_delegation,manage_rules,read_audit}	{USER}	\N	f	2026-11-02 08:01:59+00	2027-11-02 08:01:59+00	\N	2026-11-03 08:18:36.13+00	\N	1000	{192.0.2.0/24}
f94cfb1d-5230-426c-aa29-2fde3ca0af29	8b405aba-7dab-4fb9-a17e-3e52f4344db0	xn0Kjpah	\\x18d26a09673d01867f556a8f9093c24501d3170c135da1683d88ef28eeb71dd6	two customers	{read}	{USER}	{bcec82db-c2ad-449a-a199-64755e73502e,03eb0880-2c03-4c2f-8321-ecbbd2233ae7}	f	2026-11-02 08:02:06+00	2027-11-02 08:02:06+00	\N	2026-11-03 08:18:36.13+00	\N	300	{192.0.2.0/24}
87b457c8-0dcf-4bb8-b6ac-fbb134fe7928	8b405aba-7dab-4fb9-a17e-3e52f4344db0	SIpNW4EW	\\x2cb9bc3f99c9f17fe2a037b9c4eaa5876347bf944e6d29805c17a6ed3f19e3c9	the office	{read}	{USER}	\N	f	2026-11-02 08:02:13+00	2027-11-02 08:02:13+00	\N	2026-11-03 08:18:36.13+00	{203.0.113.0/24,2001:db8::/48}	300	{203.0.113.0/24}
d6c99d5b-806d-4774-81d7-d92bcc95a80c	8b405aba-7dab-4fb9-a17e-3e52f4344db0	MxDKDq9y	\\x025e42a57d822bdf0eec0647afef8e3e654b1472d25907e6a46312812be3c21f	HaloPSA: Idemeum JIT account integration	{disable_jit}	{}	\N	f	2026-11-02 08:07:57.02+00	2027-11-02 08:07:57.02+00	\N	2026-11-04 08:30:23.48+00	\N	300	{198.51.100.0/24}
242d8928-7a8b-43b8-9fcf-3b53cdb4aa64	8b405aba-7dab-4fb9-a17e-3e52f4344db0	XETDFr8Y	\\x9a2a9b508c0090639e63d8e579d9c1a8282e52d0034e9aad7751144c15e2ae80	HaloPSA: Idemeum API integration	{approve,deny}	{USER}	\N	f	2026-11-02 08:07:57.02+00	2027-11-02 08:07:57.02+00	\N	2026-11-04 08:30:23.48+00	\N	300	{198.51.100.0/24}
\.


COPY public.joined_request (endpoint_id, idempotency_key, msp_id, request_id, body_sha256, joined_at) FROM stdin;
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	12d6336d5ac53f49cb7818da4616baca	8b405aba-7dab-4fb9-a17e-3e52f4344db0	932951eb-4a16-44cb-b256-59502c515568	\\xb512cedb2eb5a72d8cd39d7265cfeeea150eba13ad3dcb4f5c4429f28e195ceb	2026-11-02 08:12:30.11+00
5e400dd7-7f27-4a1a-af36-3d3d25b2b09f	47b78321e81ea6a631c71f5e0dbca873	8b405aba-7dab-4fb9-a17e-3e52f4344db0	0f93d86f-4f78-4408-bcea-a1864fd69c2d	\\x11a8d53faef798a72aa93d395c92eb1bcfa668fad65c5ad1548c349420e03c45	2026-11-04 08:30:23.51+00
\.


COPY public.msp (id, name, host, base_url, request_lifetime_seconds, created_at) FROM stdin;
8b405aba-7dab-4fb9-a17e-3e52f4344db0	Northstar IT	northstar.example	https://northstar.example	345600	2026-11-02 08:00:00+00
728b777d-cbc8-4888-b961-143dce2c2e4f	Southwind Networks	southwind.example	https://southwind.example	345600	2026-11-02 08:00:00+00
\.


COPY public.procrastinate_events (id, job_id, type, at) FROM stdin;
1	1	deferred	2026-11-04 08:30:23.53+00
2	3	deferred	2026-11-04 08:30:23.53+00
\.


COPY public.procrastinate_jobs (id, queue_name, task_name, priority, lock, queueing_lock, args, status, scheduled_at, attempts, abort_requested, worker_id) FROM stdin;
1	drains	stepladder.drain	0	drain:c2b93b5b-2fc7-4348-8737-68837db8aeb3	drain:c2b93b5b-2fc7-4348-8737-68837db8aeb3	{"msp_id": "8b405aba-7dab-4fb9-a17e-3e52f4344db0", "connector_id": "c2b93b5b-2fc7-4348-8737-68837db8aeb3"}	todo	\N	0	f	\N
3	drains	stepladder.drain	0	drain:a86ec927-b8ed-4014-9c8e-7550bdb70009	drain:a86ec927-b8ed-4014-9c8e-7550bdb70009	{"msp_id": "728b777d-cbc8-4888-b961-143dce2c2e4f", "connector_id": "a86ec927-b8ed-4014-9c8e-7550bdb70009"}	todo	\N	0	f	\N
\.


COPY public.procrastinate_periodic_defers (id, task_name, defer_timestamp, job_id, periodic_id) FROM stdin;
\.


COPY public.procrastinate_workers (id, last_heartbeat) FROM stdin;
\.


COPY public.psa_connector (id, msp_id, kind, settings, sealed_secret, is_enabled, call_budget, tokens, tokens_at, paused_until, failures, needs_attention, error, drain_fence, mapped_at, created_at, drift_due_at, drift_cursor, drift_whole_at, drift_error) FROM stdin;
c2b93b5b-2fc7-4348-8737-68837db8aeb3	8b405aba-7dab-4fb9-a17e-3e52f4344db0	halopsa	{"url": "http://halopsa-1.invalid", "team": "", "impact": "Single User Affected", "source": null, "tenant": null, "urgency": "Medium", "auth_url": "", "category": "Business Applications", "client_id": "4f0c9d52-6c1e-4a7b-9b39-2f1d6a7c8e10", "ticket_type": "Incident", "close_denied": true, "close_expired": false, "closed_status": "Closed", "close_cancelled": true, "closing_outcome": null, "closure_minutes": 7.0, "press_wait_seconds": 3.0, "search_lag_seconds": 60.0, "drift_check_seconds": 10.0}	\\x010000000159a417d27a80bb4668945e9e6c9b76ffba6e4e4f4d8896dbb046f5d7244f4ddf6e504d05d48de2f8197e44ee5637dcabe983196f6d382d70aad9561595c4f7a22c9ceca6257546d12171962749da69af32e13349292574ff7523a51539b73a615278a88ebf	t	600	274.09999999999997	2026-11-04 08:30:23.48+00	\N	0	f	\N	35	2026-11-04 08:30:23.48+00	2026-11-02 08:07:50.02+00	2026-11-04 08:30:28.38+00	2026-11-04 08:30:18.38+00	2026-11-04 08:30:18.38+00	\N
a86ec927-b8ed-4014-9c8e-7550bdb70009	728b777d-cbc8-4888-b961-143dce2c2e4f	halopsa	{"url": "http://halopsa-2.invalid", "team": "", "impact": "Single User Affected", "source": null, "tenant": null, "urgency": "Medium", "auth_url": "", "category": "Business Applications", "client_id": "4f0c9d52-6c1e-4a7b-9b39-2f1d6a7c8e10", "ticket_type": "Incident", "close_denied": true, "close_expired": true, "closed_status": "Closed", "close_cancelled": true, "closing_outcome": null, "closure_minutes": 5.0, "press_wait_seconds": 3.0, "search_lag_seconds": 60.0, "drift_check_seconds": 30.0}	\\x0100000001bf6be2c08c730d10a59efe940ce2420b0d986d06cbc39cebf1db566b9c81d1f0dbf86744221ec4224deb07fa8456f103f9cc7dcd0b02558cd8c287ee10a5bdf2f78591abd3401258db67f71507b3d6c1efc8acbb8dc4875fa325236f482eab59ae0aaf32b7	t	600	299	2026-11-04 08:29:08.25+00	2026-11-04 08:29:10.856494+00	1	t	HaloPSA does not accept the client id and secret.	3	2026-11-02 08:12:25.04+00	2026-11-02 08:12:25.02+00	2026-11-04 08:29:38.25+00	2026-11-02 08:12:25.04+00	2026-11-02 08:12:25.04+00	HaloPSA does not accept the client id and secret.
\.


COPY public.rule (id, msp_id, customer_id, verdict, kind, match_key, sha256, publisher, program_name, arguments, note, written_by_kind, written_by_id, created_at, expires_at, confirmed_by, confirmed_until, ended_at) FROM stdin;
693bf422-c370-4a5d-87c8-3a7e4b30d277	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	approved	USER	sha256:f592a79e0b82adaadc2fcc3f4c5a72db34d5cba4ce87eb7e9a2d8221e81eb2fb	f592a79e0b82adaadc2fcc3f4c5a72db34d5cba4ce87eb7e9a2d8221e81eb2fb	\N	\N	["--quiet"]	known and harmless	operator	ada@stepladder-host	2026-11-02 08:05:08+00	2027-08-29 08:04:54+00	\N	\N	\N
b988e751-4beb-40ad-82ec-dd6f8c5d5ebd	8b405aba-7dab-4fb9-a17e-3e52f4344db0	\N	denied	\N	sha256:4b70a9058da8c92560c7db24d1f6a9bf8f0db18e55764c2d0f3a72f88a35d677	4b70a9058da8c92560c7db24d1f6a9bf8f0db18e55764c2d0f3a72f88a35d677	\N	\N	\N	unwanted here	operator	ada@stepladder-host	2026-11-02 08:05:22+00	2027-08-29 08:04:54+00	\N	\N	\N
9520efac-aa8f-4253-8cb2-d66e4f176d5c	8b405aba-7dab-4fb9-a17e-3e52f4344db0	\N	denied	\N	sha256:e33073ec04eb811f9ac99d40fa26c214334a82350b2ba6fdeb4399c6ede958bf	e33073ec04eb811f9ac99d40fa26c214334a82350b2ba6fdeb4399c6ede958bf	\N	\N	\N	\N	operator	ada@stepladder-host	2026-11-02 08:05:29+00	2026-11-02 09:04:54+00	\N	\N	\N
ba17a95d-c369-46ce-a817-4e79ace2d015	8b405aba-7dab-4fb9-a17e-3e52f4344db0	03eb0880-2c03-4c2f-8321-ecbbd2233ae7	approved	USER	publisher:61aeaeb1d8d6ea054896dec98e857ec5f1f0e5e7dfa379219977c03c5bfe724d	\N	Example Software Ltd	chart.exe	[]	\N	operator	ada@stepladder-host	2026-11-02 08:05:36+00	2027-08-29 08:04:54+00	\N	\N	\N
61064897-92ff-42e1-88db-599eb8299424	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	approved	USER	sha256:4c68b5efcff5f5ab34ab512ebb1659d6e72101007c49cdaa00b9016a3286c31f	4c68b5efcff5f5ab34ab512ebb1659d6e72101007c49cdaa00b9016a3286c31f	\N	\N	["--quiet"]	known and harmless	operator	ada@stepladder-host	2026-11-02 08:05:01+00	2027-08-29 08:04:54+00	6098000f-9458-4a08-b506-9ac8c2b90bf2	2027-08-29 08:04:54+00	\N
0442a17e-ee7c-450c-941a-99af60f8bbeb	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	approved	USER	sha256:a48eaa03b3f9d7dd2ee0ba46d5863161e7f7fe8567fb176005b945e622afc7d3	a48eaa03b3f9d7dd2ee0ba46d5863161e7f7fe8567fb176005b945e622afc7d3	\N	\N	["--quiet"]	known and harmless	operator	ada@stepladder-host	2026-11-02 08:05:15+00	2027-08-29 08:04:54+00	6098000f-9458-4a08-b506-9ac8c2b90bf2	2027-08-29 08:04:54+00	2026-11-02 08:07:43+00
\.


COPY public.self_test (id, msp_id, connector_id, button, token, reference, customer_name, remote_customer_id, remote_customer_name, ticket_id, arrived, names_match, opened_at, arrived_at, closed_at) FROM stdin;
385f8eb1-f01f-49c8-94ee-96214feed7a3	8b405aba-7dab-4fb9-a17e-3e52f4344db0	c2b93b5b-2fc7-4348-8737-68837db8aeb3	deny	selftest-Z6HRiNPiOt0rGIn1B9i3dXgLDJ25PRCT39JPHCBDeF8	SL-LYPQAMHMQ6ON75UK	Northwind Traders	1	Northwind Traders	2002	{}	\N	2026-11-02 08:07:57.02+00	\N	\N
1e1b01fb-2253-420a-98e9-2cb3f9471ca6	8b405aba-7dab-4fb9-a17e-3e52f4344db0	c2b93b5b-2fc7-4348-8737-68837db8aeb3	approve	selftest-8Nnakc8OPq2dLciEcVzyKA5SuODuOADrPPLwzVPwjLA	SL-W22AMF7JFKZMX773	Northwind Traders	1	Northwind Traders	2001	{approve}	t	2026-11-02 08:07:57.02+00	2026-11-02 08:09:57.02+00	2026-11-02 08:11:57.02+00
\.


COPY public.signing_key (msp_id, purpose, kid, public_key, sealed_private_key, created_at, retired_at) FROM stdin;
8b405aba-7dab-4fb9-a17e-3e52f4344db0	grant	b5035a9facf749b8	\\xdb574baa5a27b8ee42d64b4bb5ac1e720e556eca3c380847b1416f90a299306b	\\x0100000001353ca0a3259d90d0160cef377c267045ccd7bf12f999b8b96fee9d71393bf4b3fd4249de628c188e1a23a65fa0613364cc5e6da350b6bf8f0e65e46e	2026-11-02 08:00:00+00	\N
8b405aba-7dab-4fb9-a17e-3e52f4344db0	audit	5c137f80b55578c2	\\xc3bcc51d5e672a78a90e4179be3fefe39b6105298e81384fcd87888fd5e51f07	\\x0100000001c18c02a5459e585559f47047f811da562a34b439887b2b8a4675dd42aea8eef31eadae87ba4443a5f019afdda607ce2aca7cd3f02bc40f1737a3bf65	2026-11-02 08:00:00+00	\N
728b777d-cbc8-4888-b961-143dce2c2e4f	grant	531bf727ba15065d	\\x1060fe02442bdccac1f4afb965f07bcd7ccb3eb317ea410459e2773bb7c8d25c	\\x010000000190d576a56c2997baaf5cd2265563861a4063033a316a520000151ef542c747d33464e133e8e95e1f792841f7e76806e1aeae23ae81f816fb225ac93d	2026-11-02 08:00:00+00	\N
728b777d-cbc8-4888-b961-143dce2c2e4f	audit	b3b7128b09449866	\\x81bfee0f282e359a6f7630239d629b2d575c1b7cf13ed92f64648cef2b2d21d1	\\x0100000001b4fb74c4a218f9508035412902e4b03cffeec67320e8f87399cb30cdbcd5cf7e915d0ff3b7320163057448dc35a4249b6011b6b867d11f6d1b7fd5f4	2026-11-02 08:00:00+00	\N
\.


COPY public.technician (id, msp_id, email, name, role, is_active, created_at) FROM stdin;
56592efb-46dd-44c9-be47-225c4cb4005c	8b405aba-7dab-4fb9-a17e-3e52f4344db0	nik@nikpot.example	Nik Potnis	technician	t	2026-11-02 08:00:07+00
92104469-ae89-4330-b280-2a4d0d697e57	8b405aba-7dab-4fb9-a17e-3e52f4344db0	dana@nikpot.example	Dana Whitfield	admin	t	2026-11-02 08:00:14+00
6098000f-9458-4a08-b506-9ac8c2b90bf2	8b405aba-7dab-4fb9-a17e-3e52f4344db0	grace@nikpot.example	Grace Lindqvist	global_admin	t	2026-11-02 08:00:21+00
55d23bf1-3600-4a2e-99ae-7ab935bbbe0f	8b405aba-7dab-4fb9-a17e-3e52f4344db0	rita@nikpot.example	Rita Moreau	read_only	t	2026-11-02 08:00:28+00
55030820-b039-44d8-832e-5d60f45ec01c	8b405aba-7dab-4fb9-a17e-3e52f4344db0	robin@nikpot.example	Robin Vale	technician	f	2026-11-02 08:00:35+00
f45fe58e-88c5-4aa5-bd88-6e4da8164c9d	728b777d-cbc8-4888-b961-143dce2c2e4f	nik@nikpot.example	Nikolas Berg	admin	t	2026-11-02 08:12:04.02+00
\.


COPY public.tenant_key (msp_id, version, wrapped, created_at) FROM stdin;
8b405aba-7dab-4fb9-a17e-3e52f4344db0	1	\\x0100000001ffe26f80705114ddcc828abef80b7d53d1ab31a6acd2d3cbbc6f617fe7d86e8b53fec7665a6255183bfac03bfddefaf9d65c49375d0249a72d8cefbe	2026-11-02 08:00:00+00
728b777d-cbc8-4888-b961-143dce2c2e4f	1	\\x0100000001a96c9eca796842575481110ff13e6995301d43813f1eef3992a0aeba61dc715714f7bf8a464963b0c0d4a233de1277d895d161c51caa56948b61af23	2026-11-02 08:00:00+00
\.


COPY public.ticket_link (request_id, msp_id, customer_id, connector_id, reference, desired, observed, ticket_id, create_sent_at, note_sent_at, note_seen, attempts, next_try_at, needs_attention, error_code, error, created_at, opened_at, closed_at, drift, drift_detail, drift_since, remark_sent_at, remark_seen, mended) FROM stdin;
745cd5d6-dd1d-4a5c-aa46-e170c7e836f8	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-KQB3ENXT42QAQ6TU	open	open	2003	2026-11-02 08:11:57.02+00	\N	f	0	\N	f	\N	\N	2026-11-02 08:07:50.02+00	2026-11-02 08:11:57.02+00	\N	\N	\N	\N	\N	f	0
932951eb-4a16-44cb-b256-59502c515568	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-X4TNR7MZ2A3HPGZ4	closed	closed	2007	2026-11-02 08:12:30.1+00	2026-11-02 08:13:31.11+00	t	0	\N	f	\N	\N	2026-11-02 08:12:30.05+00	2026-11-02 08:12:30.1+00	2026-11-02 08:13:31.11+00	\N	\N	\N	\N	f	0
e5f126b2-566e-429f-bf99-733a933d7ea8	728b777d-cbc8-4888-b961-143dce2c2e4f	839120b7-0bad-4ce5-ac7f-cf934fa4c9cf	a86ec927-b8ed-4014-9c8e-7550bdb70009	SL-RWI2KBL553PPOBK4	open	open	7001	2026-11-02 08:12:25.04+00	\N	f	0	\N	f	\N	\N	2026-11-02 08:12:25.03+00	2026-11-02 08:12:25.04+00	\N	\N	\N	\N	\N	f	0
26b0c421-9d51-478d-ac77-fed28102c039	728b777d-cbc8-4888-b961-143dce2c2e4f	839120b7-0bad-4ce5-ac7f-cf934fa4c9cf	a86ec927-b8ed-4014-9c8e-7550bdb70009	SL-I6T2PNMM4NFDCU2N	closed	closed	7002	2026-11-02 08:12:25.04+00	2026-11-02 08:12:30.04+00	t	0	\N	f	\N	\N	2026-11-02 08:12:25.04+00	2026-11-02 08:12:25.04+00	2026-11-02 08:12:30.04+00	\N	\N	\N	\N	f	0
79244248-6ea4-405a-b206-94d966d82619	8b405aba-7dab-4fb9-a17e-3e52f4344db0	03eb0880-2c03-4c2f-8321-ecbbd2233ae7	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-XN4BDOSWO2VGDLLP	closed	closed	2005	2026-11-02 08:12:30.1+00	2026-11-02 08:13:31.11+00	t	0	\N	f	\N	\N	2026-11-02 08:12:30.07+00	2026-11-02 08:12:30.1+00	2026-11-02 08:13:31.11+00	\N	\N	\N	\N	f	0
8ca13cb9-d43c-4dde-bdb5-b64b06a8da74	8b405aba-7dab-4fb9-a17e-3e52f4344db0	03eb0880-2c03-4c2f-8321-ecbbd2233ae7	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-YQUBPMWAF5X5OMO6	closed	closed	2008	2026-11-02 08:12:30.1+00	2026-11-02 08:13:31.11+00	t	0	\N	f	\N	\N	2026-11-02 08:12:30.08+00	2026-11-02 08:12:30.1+00	2026-11-02 08:13:31.11+00	\N	\N	\N	\N	f	0
f3f4e255-e1b9-4aba-8a0c-77504f5618d1	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-EM3FOVWAF7LMPOP7	closed	closed	2009	2026-11-02 08:12:30.1+00	2026-11-02 08:13:31.11+00	t	0	\N	f	\N	\N	2026-11-02 08:12:30.06+00	2026-11-02 08:12:30.1+00	2026-11-02 08:13:31.11+00	\N	\N	\N	\N	f	0
8ede4660-a442-4752-8971-957d06267484	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-YELIH5UH2IIPMJGE	closed	closed	2010	2026-11-02 08:12:30.1+00	2026-11-02 08:13:31.11+00	t	0	\N	f	\N	\N	2026-11-02 08:12:30.09+00	2026-11-02 08:12:30.1+00	2026-11-02 08:13:31.11+00	\N	\N	\N	\N	f	0
e5e9612e-ceb3-48f1-b43f-e2db0456c947	8b405aba-7dab-4fb9-a17e-3e52f4344db0	b5148332-da54-4e61-b839-79d81eeeb925	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-EGCQCTMUUUYQAMA2	closed	open	2006	2026-11-02 08:12:30.1+00	2026-11-02 08:13:36.11+00	t	0	\N	f	\N	\N	2026-11-02 08:12:30.1+00	2026-11-02 08:12:30.1+00	\N	\N	\N	\N	\N	f	0
8c55cba3-e0e8-4793-867f-5f7658be6b1b	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-34OUZHGNABQSVY7M	closed	closed	2011	2026-11-02 08:18:36.13+00	2026-11-02 08:18:36.13+00	t	0	\N	f	\N	\N	2026-11-02 08:13:36.12+00	2026-11-02 08:18:36.13+00	2026-11-02 08:18:36.13+00	\N	\N	\N	\N	f	0
0ac37b89-9dd4-42bd-9de0-db17ceaeb104	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-LHDLW6UDPB6IMC3H	closed	closed	2012	2026-11-02 08:18:36.13+00	2026-11-02 08:18:36.13+00	t	0	\N	f	\N	\N	2026-11-02 08:13:36.13+00	2026-11-02 08:18:36.13+00	2026-11-02 08:18:36.13+00	\N	\N	\N	\N	f	0
0656c066-1d99-40f2-b7f7-963f7c15832d	8b405aba-7dab-4fb9-a17e-3e52f4344db0	d9292825-fd95-4aec-bf51-951c403bd657	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-723IS7IVGZSX3CZE	open	open	2014	2026-11-04 08:18:36.17+00	\N	f	0	\N	f	\N	\N	2026-11-04 08:18:36.17+00	2026-11-04 08:18:36.17+00	\N	\N	\N	\N	\N	f	0
916c21c9-6d7b-4f80-b211-3c57c3b46c54	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2fb41874-1c06-42c3-bddf-b588e2abf366	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-AUUFOI3QL5NO6Z7I	open	open	2015	2026-11-04 08:18:36.17+00	\N	f	0	\N	f	\N	\N	2026-11-04 08:18:36.14+00	2026-11-04 08:18:36.17+00	\N	\N	\N	\N	\N	f	0
f347e95d-8934-4d8c-b625-2c36ba17489c	8b405aba-7dab-4fb9-a17e-3e52f4344db0	d4ffadcf-5767-4cd0-b272-3dddde89d022	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-DSPD6XP2ZLCM4ATJ	open	open	2013	2026-11-04 08:18:36.17+00	\N	f	0	\N	f	\N	\N	2026-11-04 08:18:36.16+00	2026-11-04 08:18:36.17+00	\N	customer_gone	Proseware	2026-11-04 08:19:43.17+00	\N	f	0
4bfa42d8-eaa2-4e12-a046-871452636cc6	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-63G4XSMTOTLBPK5B	open	open	2019	2026-11-04 08:19:43.24+00	\N	f	0	\N	f	\N	\N	2026-11-04 08:19:43.2+00	2026-11-04 08:19:43.24+00	\N	\N	\N	\N	\N	f	0
28872720-c658-450d-9bf4-d907f16f0489	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-RQKUZODSO2EYVI6U	open	open	2017	2026-11-04 08:19:43.24+00	\N	f	0	\N	f	\N	\N	2026-11-04 08:19:43.18+00	2026-11-04 08:19:43.24+00	\N	closed_by_hand	\N	2026-11-04 08:20:24.24+00	2026-11-04 08:20:46.24+00	t	0
4f3b79a8-a461-404b-9c46-10c3c6286899	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-VF6L3UU3JBVWZAVM	open	open	2021	2026-11-04 08:19:43.24+00	\N	f	0	\N	f	\N	\N	2026-11-04 08:19:43.22+00	2026-11-04 08:19:43.24+00	\N	moved	Contoso Dental	2026-11-04 08:20:24.24+00	\N	f	0
21d9bd67-f6ec-4f25-99ce-46991c56a7b5	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-5H744RX35I3GCCPN	open	open	2020	2026-11-04 08:19:43.24+00	\N	f	0	\N	f	\N	\N	2026-11-04 08:19:43.21+00	2026-11-04 08:19:43.24+00	\N	deleted	\N	2026-11-04 08:20:24.24+00	\N	f	0
01448758-81de-448a-bdbf-fdfc1f7820c6	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-DPAZHYSEE3CJHVSX	closed	gone	2023	2026-11-04 08:19:43.24+00	\N	f	3	\N	t	halopsa_gone	HaloPSA does not know it (any more). It says: Ticket not found	2026-11-04 08:19:43.24+00	2026-11-04 08:19:43.24+00	\N	\N	\N	\N	\N	f	0
758950ac-e40a-4c25-8bcc-50175b0a29ba	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-EEMYDS3VJBNEAFUV	open	open	2018	2026-11-04 08:19:43.24+00	\N	f	0	\N	f	\N	\N	2026-11-04 08:19:43.19+00	2026-11-04 08:19:43.24+00	\N	merged	2019	2026-11-04 08:20:24.24+00	2026-11-04 08:20:46.24+00	t	0
471a30d3-cc79-429e-98ec-62eccc61c7dc	728b777d-cbc8-4888-b961-143dce2c2e4f	839120b7-0bad-4ce5-ac7f-cf934fa4c9cf	a86ec927-b8ed-4014-9c8e-7550bdb70009	SL-N4B3XQOBV4B3G5VR	open	absent	\N	\N	\N	f	0	2026-11-04 08:29:08.25+00	f	\N	\N	2026-11-04 08:29:08.25+00	\N	\N	\N	\N	\N	\N	f	0
3a6095a6-3528-49b6-a1b8-6fbc373e4b57	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-SEHZLQUY6LER5BHS	open	open	2022	2026-11-04 08:19:43.24+00	\N	f	0	\N	f	\N	\N	2026-11-04 08:19:43.23+00	2026-11-04 08:19:43.24+00	\N	fields_edited	customer	2026-11-04 08:20:57.24+00	\N	f	3
793d63d6-ef7d-47b6-80d7-d31ef7168c69	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-DURGRH4RJLPP32KA	open	open	2033	2026-11-04 08:29:08.35+00	\N	f	0	\N	f	\N	\N	2026-11-04 08:29:08.35+00	2026-11-04 08:29:08.35+00	\N	\N	\N	\N	\N	f	0
76dc21ae-3de5-4b1d-9bfa-dfb100d1ceab	8b405aba-7dab-4fb9-a17e-3e52f4344db0	b5148332-da54-4e61-b839-79d81eeeb925	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-JNAC4SET5TWUGK5I	open	open	2034	2026-11-04 08:29:55.36+00	\N	f	0	\N	f	\N	\N	2026-11-04 08:29:15.36+00	2026-11-04 08:29:55.36+00	\N	\N	\N	\N	\N	f	0
87788321-d1ff-4793-a951-177fcbc73dde	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-6UQY7KCU2ZOC4HFD	closed	closed	2035	2026-11-04 08:29:56.38+00	2026-11-04 08:29:56.38+00	t	0	\N	f	\N	\N	2026-11-04 08:29:55.37+00	2026-11-04 08:29:56.38+00	2026-11-04 08:29:56.38+00	\N	\N	\N	\N	f	0
61ce1124-9c74-454d-af14-47664fa8fdca	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-WRUEHYQ5UPCUASCQ	closed	closed	2036	2026-11-04 08:29:56.38+00	2026-11-04 08:29:56.38+00	t	0	\N	f	\N	\N	2026-11-04 08:29:55.38+00	2026-11-04 08:29:56.38+00	2026-11-04 08:29:56.38+00	\N	\N	\N	\N	f	0
2ac9229f-d5fa-4596-a54d-fc7b1df75916	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-4F46T4IVJURAO7R3	open	open	2030	2026-11-04 08:29:08.35+00	\N	f	0	2026-11-04 08:30:33.38+00	f	\N	\N	2026-11-04 08:29:08.32+00	2026-11-04 08:29:08.35+00	\N	closed_by_hand	\N	2026-11-04 08:30:18.38+00	\N	f	0
390157fa-88f1-4187-bab7-95aef370777e	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-WWIIVLGCOG2ZJQFT	open	open	2025	2026-11-04 08:29:08.35+00	\N	f	1	2026-11-04 08:30:24.960128+00	f	halopsa_no_answer	The connection to HaloPSA broke before it answered.	2026-11-04 08:29:08.27+00	2026-11-04 08:29:08.35+00	\N	closed_by_hand	\N	2026-11-04 08:30:07.38+00	2026-11-04 08:30:23.38+00	f	0
c306796f-db52-4646-a021-cef35929a29a	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-HHBBDZUAPDTQINWH	open	open	2024	2026-11-04 08:29:08.35+00	\N	f	1	2026-11-04 08:30:24.86152+00	f	halopsa_error	HaloPSA answers with an error (504).	2026-11-04 08:29:08.26+00	2026-11-04 08:29:08.35+00	\N	closed_by_hand	\N	2026-11-04 08:30:07.38+00	2026-11-04 08:30:23.38+00	f	0
7fa03bab-cfc7-4297-81c9-0b0e3a379cca	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-BS4QBCHPSVFSC6LJ	closed	open	2027	2026-11-04 08:29:08.35+00	2026-11-04 08:30:23.48+00	f	1	2026-11-04 08:30:24.72287+00	f	halopsa_error	HaloPSA answers with an error (504).	2026-11-04 08:29:08.29+00	2026-11-04 08:29:08.35+00	\N	\N	\N	\N	\N	f	0
b6bf8b59-d38e-4e99-983f-0ccac785ec19	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-MSLWTSNV23IB7JMY	closed	open	2028	2026-11-04 08:29:08.35+00	2026-11-04 08:30:23.48+00	t	1	2026-11-04 08:30:24.709514+00	f	halopsa_error	HaloPSA answers with an error (504).	2026-11-04 08:29:08.3+00	2026-11-04 08:29:08.35+00	\N	\N	\N	\N	\N	f	0
0f1fed52-4c5c-40e5-8f9b-3b981b9d96b4	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-Y6A7IMLIGKWBQUWM	closed	open	2031	2026-11-04 08:29:08.35+00	\N	f	0	2026-11-04 08:30:23.48+00	f	\N	\N	2026-11-04 08:29:08.33+00	2026-11-04 08:29:08.35+00	\N	\N	\N	\N	\N	f	0
d8aa77c2-3a46-4b57-a50f-ba1a32fee48c	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-5JZCN7PU2LRPBFJR	closed	open	2032	2026-11-04 08:29:08.35+00	\N	f	0	2026-11-04 08:30:23.48+00	f	\N	\N	2026-11-04 08:29:08.34+00	2026-11-04 08:29:08.35+00	\N	\N	\N	\N	\N	f	0
da839164-fc70-4008-9bd4-9ecc3b8b10f8	8b405aba-7dab-4fb9-a17e-3e52f4344db0	873cde98-5e96-4dfb-8c9f-702dbc5f068f	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-6MYKS7LITWW357PS	closed	open	2016	2026-11-04 08:18:36.17+00	\N	f	0	2026-11-04 08:30:23.48+00	f	\N	\N	2026-11-04 08:18:36.15+00	2026-11-04 08:18:36.17+00	\N	\N	\N	\N	\N	f	0
a9e6cc55-f37a-4047-90f0-3586590627d0	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-UQDPCUMFBUS43F5S	open	absent	\N	2026-11-04 08:30:23.39+00	\N	f	1	2026-11-04 08:30:24.72261+00	f	halopsa_no_answer	The connection to HaloPSA broke before it answered.	2026-11-04 08:30:23.39+00	\N	\N	\N	\N	\N	\N	f	0
95eb4387-5938-4dc6-b314-24b213572a3f	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-AQLPVRUZRW7UVXKE	open	absent	\N	2026-11-04 08:30:23.41+00	\N	f	1	2026-11-04 08:30:25.392825+00	f	halopsa_error	HaloPSA answers with an error (504).	2026-11-04 08:30:23.41+00	\N	\N	\N	\N	\N	\N	f	0
15fa98c5-701c-4549-8525-b2aba0fde4a9	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-OHCSOA26UTHLWJPV	open	absent	\N	\N	\N	f	1	2026-11-04 08:30:25.149374+00	t	halopsa_rejected	HaloPSA refuses the new ticket. It says: The value is not valid.	2026-11-04 08:30:23.43+00	\N	\N	\N	\N	\N	\N	f	0
28c5d69f-6635-4cb7-95a3-a067a3f843e7	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-CO7Z6AJYELRXVI4Z	closed	open	2026	2026-11-04 08:29:08.35+00	2026-11-04 08:30:23.48+00	f	1	2026-11-04 08:30:25.175081+00	f	halopsa_no_answer	The connection to HaloPSA broke before it answered.	2026-11-04 08:29:08.28+00	2026-11-04 08:29:08.35+00	\N	\N	\N	\N	\N	f	0
c26394b9-2c26-48ec-abc4-3a444b830447	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-RYN3GNCO7O5VPJT4	closed	absent	\N	2026-11-04 08:30:23.4+00	\N	f	0	2026-11-04 08:30:25.324489+00	f	halopsa_no_answer	The connection to HaloPSA broke before it answered.	2026-11-04 08:30:23.4+00	\N	\N	\N	\N	\N	\N	f	0
c9e78e92-549f-4fca-81fe-eb42e5a71c35	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-RM6RFZEWUCRCWJ4V	closed	absent	\N	2026-11-04 08:30:23.42+00	\N	f	0	2026-11-04 08:30:24.804433+00	f	halopsa_error	HaloPSA answers with an error (504).	2026-11-04 08:30:23.42+00	\N	\N	\N	\N	\N	\N	f	0
d61b5c8f-bec5-490c-91d0-012d83f40963	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-R5F3NRVMIXR2F52B	open	absent	\N	\N	\N	f	1	2026-11-04 08:30:24.844+00	f	halopsa_error	HaloPSA answers with an error (500).	2026-11-04 08:30:23.44+00	\N	\N	\N	\N	\N	\N	f	0
34845e68-5172-4605-8ca4-b397af204b25	8b405aba-7dab-4fb9-a17e-3e52f4344db0	da91e4ba-423b-4436-b580-3830be6fc8c3	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-2O34QCXIXM62IM4C	open	absent	\N	\N	\N	f	1	2026-11-04 08:30:25.36958+00	t	customer_not_mapped	Wide World Importers is not linked to a customer in HaloPSA (ambiguous). Link it with: stepladder customer link	2026-11-04 08:30:23.46+00	\N	\N	\N	\N	\N	\N	f	0
f1853a5f-e5d3-448e-a9f0-ea9ad13aebc9	8b405aba-7dab-4fb9-a17e-3e52f4344db0	fe8b9bc1-e477-45c7-9cf4-ce95933c7b25	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-5XYTU5RGXFUI5BEZ	open	absent	\N	\N	\N	f	1	2026-11-04 08:30:25.179498+00	t	customer_not_mapped	Initech is not linked to a customer in HaloPSA (unmapped). Link it with: stepladder customer link	2026-11-04 08:30:23.45+00	\N	\N	\N	\N	\N	\N	f	0
1250d14b-f167-4702-9c0f-6638dac9b7d6	8b405aba-7dab-4fb9-a17e-3e52f4344db0	0da97529-2055-4f9f-9f65-f02931688bcd	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-GXEXC4G5QSEZHOQC	open	absent	\N	\N	\N	f	1	2026-11-04 08:30:24.987942+00	t	customer_not_mapped	Contoso Dental Care is not linked to a customer in HaloPSA (unmapped). Link it with: stepladder customer link	2026-11-04 08:30:23.48+00	\N	\N	\N	\N	\N	\N	f	0
bea680e5-b11b-4451-8745-8cff275efbec	8b405aba-7dab-4fb9-a17e-3e52f4344db0	2c49e583-8f77-4831-831a-3454d73d8f0b	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-BOSWNE73HDBG6V77	open	absent	\N	\N	\N	f	1	2026-11-04 08:30:25.348803+00	t	customer_not_mapped	Litware is not linked to a customer in HaloPSA (inactive). Link it with: stepladder customer link	2026-11-04 08:30:23.47+00	\N	\N	\N	\N	\N	\N	f	0
ddc4003b-32dc-457e-8692-b8be8b475263	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-PSZKHSDNDSUQN34T	closed	open	2029	2026-11-04 08:29:08.35+00	2026-11-04 08:30:23.48+00	t	1	2026-11-04 08:30:24.948566+00	t	halopsa_rejected	HaloPSA refuses the change of the ticket. It says: The value is not valid.	2026-11-04 08:29:08.31+00	2026-11-04 08:29:08.35+00	\N	\N	\N	\N	\N	f	0
0f93d86f-4f78-4408-bcea-a1864fd69c2d	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-IXJT6QHNSY2UJOU6	open	absent	\N	\N	\N	f	0	2026-11-04 08:30:23.49+00	f	\N	\N	2026-11-04 08:30:23.49+00	\N	\N	\N	\N	\N	\N	f	0
d91858e5-f903-4146-ac42-0e70801bb196	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-EICGJFK7MRQPVAWH	open	absent	\N	\N	\N	f	0	2026-11-04 08:30:23.5+00	f	\N	\N	2026-11-04 08:30:23.5+00	\N	\N	\N	\N	\N	\N	f	0
9d495aa1-b67f-43ef-a417-f4c16c5effb3	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-NNB3EXWVJGEMXCAR	closed	absent	\N	\N	\N	f	0	2026-11-04 08:30:23.52+00	f	\N	\N	2026-11-04 08:30:23.52+00	\N	\N	\N	\N	\N	\N	f	0
99c9aded-a31b-427c-a8d0-e2da4b3d8bb0	8b405aba-7dab-4fb9-a17e-3e52f4344db0	bcec82db-c2ad-449a-a199-64755e73502e	c2b93b5b-2fc7-4348-8737-68837db8aeb3	SL-3C2CAJSCLAHL7NJJ	closed	absent	\N	\N	\N	f	0	2026-11-04 08:30:23.53+00	f	\N	\N	2026-11-04 08:30:23.53+00	\N	\N	\N	\N	\N	\N	f	0
\.


SELECT pg_catalog.setval('public.audit_event_id_seq', 269, true);


SELECT pg_catalog.setval('public.procrastinate_events_id_seq', 2, true);


SELECT pg_catalog.setval('public.procrastinate_jobs_id_seq', 7, true);


SELECT pg_catalog.setval('public.procrastinate_periodic_defers_id_seq', 1, false);


SELECT pg_catalog.setval('public.procrastinate_workers_id_seq', 1, false);


ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


ALTER TABLE ONLY public.audit_event
    ADD CONSTRAINT pk_audit_event PRIMARY KEY (id);


ALTER TABLE ONLY public.connector_lookup
    ADD CONSTRAINT pk_connector_lookup PRIMARY KEY (connector_id, kind, name);


ALTER TABLE ONLY public.customer
    ADD CONSTRAINT pk_customer PRIMARY KEY (id);


ALTER TABLE ONLY public.customer_mapping
    ADD CONSTRAINT pk_customer_mapping PRIMARY KEY (customer_id);


ALTER TABLE ONLY public.decision
    ADD CONSTRAINT pk_decision PRIMARY KEY (request_id);


ALTER TABLE ONLY public.delegation
    ADD CONSTRAINT pk_delegation PRIMARY KEY (customer_id, technician_id);


ALTER TABLE ONLY public.elevation_grant
    ADD CONSTRAINT pk_elevation_grant PRIMARY KEY (request_id);


ALTER TABLE ONLY public.elevation_request
    ADD CONSTRAINT pk_elevation_request PRIMARY KEY (id);


ALTER TABLE ONLY public.endpoint
    ADD CONSTRAINT pk_endpoint PRIMARY KEY (id);


ALTER TABLE ONLY public.endpoint_nonce
    ADD CONSTRAINT pk_endpoint_nonce PRIMARY KEY (endpoint_id, nonce);


ALTER TABLE ONLY public.enrolment_token
    ADD CONSTRAINT pk_enrolment_token PRIMARY KEY (id);


ALTER TABLE ONLY public.halopsa_object
    ADD CONSTRAINT pk_halopsa_object PRIMARY KEY (connector_id, key);


ALTER TABLE ONLY public.inbound_key
    ADD CONSTRAINT pk_inbound_key PRIMARY KEY (id);


ALTER TABLE ONLY public.joined_request
    ADD CONSTRAINT pk_joined_request PRIMARY KEY (endpoint_id, idempotency_key);


ALTER TABLE ONLY public.msp
    ADD CONSTRAINT pk_msp PRIMARY KEY (id);


ALTER TABLE ONLY public.psa_connector
    ADD CONSTRAINT pk_psa_connector PRIMARY KEY (id);


ALTER TABLE ONLY public.rule
    ADD CONSTRAINT pk_rule PRIMARY KEY (id);


ALTER TABLE ONLY public.self_test
    ADD CONSTRAINT pk_self_test PRIMARY KEY (id);


ALTER TABLE ONLY public.signing_key
    ADD CONSTRAINT pk_signing_key PRIMARY KEY (msp_id, kid);


ALTER TABLE ONLY public.technician
    ADD CONSTRAINT pk_technician PRIMARY KEY (id);


ALTER TABLE ONLY public.tenant_key
    ADD CONSTRAINT pk_tenant_key PRIMARY KEY (msp_id, version);


ALTER TABLE ONLY public.ticket_link
    ADD CONSTRAINT pk_ticket_link PRIMARY KEY (request_id);


ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_unique UNIQUE (task_name, periodic_id, defer_timestamp);


ALTER TABLE ONLY public.procrastinate_workers
    ADD CONSTRAINT procrastinate_workers_pkey PRIMARY KEY (id);


ALTER TABLE ONLY public.msp
    ADD CONSTRAINT uq_msp_host UNIQUE (host);


ALTER TABLE ONLY public.psa_connector
    ADD CONSTRAINT uq_psa_connector_msp_id UNIQUE (msp_id);


ALTER TABLE ONLY public.ticket_link
    ADD CONSTRAINT uq_ticket_link_reference UNIQUE (reference);


CREATE INDEX idx_procrastinate_jobs_worker_not_null ON public.procrastinate_jobs USING btree (worker_id) WHERE ((worker_id IS NOT NULL) AND (status = 'doing'::public.procrastinate_job_status));


CREATE INDEX idx_procrastinate_workers_last_heartbeat ON public.procrastinate_workers USING btree (last_heartbeat);


CREATE INDEX ix_audit_event_at ON public.audit_event USING btree (msp_id, at, id);


CREATE INDEX ix_audit_event_subject ON public.audit_event USING btree (msp_id, subject);


CREATE INDEX ix_audit_event_unsealed ON public.audit_event USING btree (msp_id, id) WHERE (sequence IS NULL);


CREATE INDEX ix_delegation_technician ON public.delegation USING btree (technician_id);


CREATE INDEX ix_elevation_request_pending ON public.elevation_request USING btree (msp_id, expires_at) WHERE ((state)::text = 'pending'::text);


CREATE INDEX ix_elevation_request_pending_endpoint ON public.elevation_request USING btree (endpoint_id) WHERE ((state)::text = 'pending'::text);


CREATE INDEX ix_elevation_request_recent ON public.elevation_request USING btree (msp_id, created_at DESC);


CREATE INDEX ix_endpoint_customer_name ON public.endpoint USING btree (customer_id, lower(name));


CREATE INDEX ix_endpoint_nonce_seen ON public.endpoint_nonce USING btree (msp_id, seen_at);


CREATE INDEX ix_joined_request_request ON public.joined_request USING btree (request_id);


CREATE INDEX ix_rule_match ON public.rule USING btree (msp_id, match_key) WHERE (ended_at IS NULL);


CREATE INDEX ix_ticket_link_due ON public.ticket_link USING btree (connector_id, customer_id, next_try_at) WHERE (next_try_at IS NOT NULL);


CREATE INDEX ix_ticket_link_next_try ON public.ticket_link USING btree (msp_id, next_try_at) WHERE (next_try_at IS NOT NULL);


CREATE INDEX ix_ticket_link_open ON public.ticket_link USING btree (connector_id, created_at) WHERE (((desired)::text = 'open'::text) AND (ticket_id IS NOT NULL));


CREATE INDEX ix_ticket_link_ticket ON public.ticket_link USING btree (connector_id, ticket_id);


CREATE INDEX procrastinate_events_job_id_fkey_v1 ON public.procrastinate_events USING btree (job_id);


CREATE INDEX procrastinate_jobs_id_lock_idx_v1 ON public.procrastinate_jobs USING btree (id, lock) WHERE (status = ANY (ARRAY['todo'::public.procrastinate_job_status, 'doing'::public.procrastinate_job_status]));


CREATE UNIQUE INDEX procrastinate_jobs_lock_idx_v1 ON public.procrastinate_jobs USING btree (lock) WHERE (status = 'doing'::public.procrastinate_job_status);


CREATE INDEX procrastinate_jobs_priority_idx_v1 ON public.procrastinate_jobs USING btree (priority DESC, id) WHERE (status = 'todo'::public.procrastinate_job_status);


CREATE INDEX procrastinate_jobs_queue_name_idx_v1 ON public.procrastinate_jobs USING btree (queue_name);


CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx_v1 ON public.procrastinate_jobs USING btree (queueing_lock) WHERE (status = 'todo'::public.procrastinate_job_status);


CREATE INDEX procrastinate_periodic_defers_job_id_fkey_v1 ON public.procrastinate_periodic_defers USING btree (job_id);


CREATE UNIQUE INDEX uq_audit_event_sequence ON public.audit_event USING btree (msp_id, sequence);


CREATE UNIQUE INDEX uq_customer_directory_id ON public.customer USING btree (msp_id, directory_id) WHERE (deleted_at IS NULL);


CREATE UNIQUE INDEX uq_customer_display_name ON public.customer USING btree (msp_id, lower(display_name)) WHERE (deleted_at IS NULL);


CREATE UNIQUE INDEX uq_customer_mapping_remote ON public.customer_mapping USING btree (connector_id, remote_id) WHERE ((state)::text = 'mapped'::text);


CREATE UNIQUE INDEX uq_customer_name ON public.customer USING btree (msp_id, lower(name)) WHERE (deleted_at IS NULL);


CREATE UNIQUE INDEX uq_elevation_request_idempotency_key ON public.elevation_request USING btree (endpoint_id, idempotency_key);


CREATE UNIQUE INDEX uq_endpoint_public_key ON public.endpoint USING btree (msp_id, public_key);


CREATE UNIQUE INDEX uq_enrolment_token_hash ON public.enrolment_token USING btree (msp_id, token_hash);


CREATE UNIQUE INDEX uq_inbound_key_key_id ON public.inbound_key USING btree (msp_id, key_id);


CREATE UNIQUE INDEX uq_self_test_token ON public.self_test USING btree (msp_id, token);


CREATE UNIQUE INDEX uq_technician_email ON public.technician USING btree (msp_id, lower(email));


CREATE TRIGGER audit_event_is_append_only BEFORE UPDATE ON public.audit_event FOR EACH ROW EXECUTE FUNCTION public.audit_event_is_append_only();


CREATE TRIGGER decision_is_final BEFORE UPDATE ON public.elevation_request FOR EACH ROW EXECUTE FUNCTION public.decision_is_final();


CREATE TRIGGER drain_has_ended AFTER DELETE ON public.procrastinate_jobs FOR EACH ROW WHEN ((old.lock IS NOT NULL)) EXECUTE FUNCTION public.drain_has_ended();


CREATE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN (((old.abort_requested = false) AND (new.abort_requested = true) AND (new.status = 'doing'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_notify_queue_abort_job_v1();


CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_notify_queue_job_inserted_v1();


CREATE TRIGGER procrastinate_trigger_abort_requested_events_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.abort_requested = true)) EXECUTE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1();


CREATE TRIGGER procrastinate_trigger_delete_jobs_v1 BEFORE DELETE ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_unlink_periodic_defers_v1();


CREATE TRIGGER procrastinate_trigger_scheduled_events_v1 AFTER INSERT OR UPDATE ON public.procrastinate_jobs FOR EACH ROW WHEN (((new.scheduled_at IS NOT NULL) AND (new.status = 'todo'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1();


CREATE TRIGGER procrastinate_trigger_status_events_insert_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1();


CREATE TRIGGER procrastinate_trigger_status_events_update_v1 AFTER UPDATE OF status ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_update_v1();


ALTER TABLE ONLY public.connector_lookup
    ADD CONSTRAINT fk_connector_lookup_connector_id FOREIGN KEY (connector_id) REFERENCES public.psa_connector(id) ON DELETE CASCADE;


ALTER TABLE ONLY public.connector_lookup
    ADD CONSTRAINT fk_connector_lookup_msp_id FOREIGN KEY (msp_id) REFERENCES public.msp(id);


ALTER TABLE ONLY public.customer_mapping
    ADD CONSTRAINT fk_customer_mapping_connector_id FOREIGN KEY (connector_id) REFERENCES public.psa_connector(id) ON DELETE CASCADE;


ALTER TABLE ONLY public.customer_mapping
    ADD CONSTRAINT fk_customer_mapping_customer_id FOREIGN KEY (customer_id) REFERENCES public.customer(id);


ALTER TABLE ONLY public.customer_mapping
    ADD CONSTRAINT fk_customer_mapping_msp_id FOREIGN KEY (msp_id) REFERENCES public.msp(id);


ALTER TABLE ONLY public.customer
    ADD CONSTRAINT fk_customer_msp_id FOREIGN KEY (msp_id) REFERENCES public.msp(id);


ALTER TABLE ONLY public.decision
    ADD CONSTRAINT fk_decision_request_id FOREIGN KEY (request_id) REFERENCES public.elevation_request(id);


ALTER TABLE ONLY public.decision
    ADD CONSTRAINT fk_decision_rule_id FOREIGN KEY (rule_id) REFERENCES public.rule(id);


ALTER TABLE ONLY public.decision
    ADD CONSTRAINT fk_decision_technician_id FOREIGN KEY (technician_id) REFERENCES public.technician(id);


ALTER TABLE ONLY public.delegation
    ADD CONSTRAINT fk_delegation_customer_id FOREIGN KEY (customer_id) REFERENCES public.customer(id);


ALTER TABLE ONLY public.delegation
    ADD CONSTRAINT fk_delegation_msp_id FOREIGN KEY (msp_id) REFERENCES public.msp(id);


ALTER TABLE ONLY public.delegation
    ADD CONSTRAINT fk_delegation_technician_id FOREIGN KEY (technician_id) REFERENCES public.technician(id);


ALTER TABLE ONLY public.elevation_grant
    ADD CONSTRAINT fk_elevation_grant_request_id FOREIGN KEY (request_id) REFERENCES public.elevation_request(id);


ALTER TABLE ONLY public.elevation_request
    ADD CONSTRAINT fk_elevation_request_customer_id FOREIGN KEY (customer_id) REFERENCES public.customer(id);


ALTER TABLE ONLY public.elevation_request
    ADD CONSTRAINT fk_elevation_request_endpoint_id FOREIGN KEY (endpoint_id) REFERENCES public.endpoint(id);


ALTER TABLE ONLY public.endpoint
    ADD CONSTRAINT fk_endpoint_customer_id FOREIGN KEY (customer_id) REFERENCES public.customer(id);


ALTER TABLE ONLY public.endpoint
    ADD CONSTRAINT fk_endpoint_msp_id FOREIGN KEY (msp_id) REFERENCES public.msp(id);


ALTER TABLE ONLY public.enrolment_token
    ADD CONSTRAINT fk_enrolment_token_customer_id FOREIGN KEY (customer_id) REFERENCES public.customer(id);


ALTER TABLE ONLY public.enrolment_token
    ADD CONSTRAINT fk_enrolment_token_endpoint_id FOREIGN KEY (endpoint_id) REFERENCES public.endpoint(id);


ALTER TABLE ONLY public.enrolment_token
    ADD CONSTRAINT fk_enrolment_token_msp_id FOREIGN KEY (msp_id) REFERENCES public.msp(id);


ALTER TABLE ONLY public.halopsa_object
    ADD CONSTRAINT fk_halopsa_object_connector_id FOREIGN KEY (connector_id) REFERENCES public.psa_connector(id) ON DELETE CASCADE;


ALTER TABLE ONLY public.halopsa_object
    ADD CONSTRAINT fk_halopsa_object_msp_id FOREIGN KEY (msp_id) REFERENCES public.msp(id);


ALTER TABLE ONLY public.inbound_key
    ADD CONSTRAINT fk_inbound_key_msp_id FOREIGN KEY (msp_id) REFERENCES public.msp(id);


ALTER TABLE ONLY public.joined_request
    ADD CONSTRAINT fk_joined_request_endpoint_id FOREIGN KEY (endpoint_id) REFERENCES public.endpoint(id);


ALTER TABLE ONLY public.joined_request
    ADD CONSTRAINT fk_joined_request_request_id FOREIGN KEY (request_id) REFERENCES public.elevation_request(id);


ALTER TABLE ONLY public.psa_connector
    ADD CONSTRAINT fk_psa_connector_msp_id FOREIGN KEY (msp_id) REFERENCES public.msp(id);


ALTER TABLE ONLY public.rule
    ADD CONSTRAINT fk_rule_confirmed_by FOREIGN KEY (confirmed_by) REFERENCES public.technician(id);


ALTER TABLE ONLY public.rule
    ADD CONSTRAINT fk_rule_customer_id FOREIGN KEY (customer_id) REFERENCES public.customer(id);


ALTER TABLE ONLY public.rule
    ADD CONSTRAINT fk_rule_msp_id FOREIGN KEY (msp_id) REFERENCES public.msp(id);


ALTER TABLE ONLY public.self_test
    ADD CONSTRAINT fk_self_test_connector_id FOREIGN KEY (connector_id) REFERENCES public.psa_connector(id) ON DELETE CASCADE;


ALTER TABLE ONLY public.self_test
    ADD CONSTRAINT fk_self_test_msp_id FOREIGN KEY (msp_id) REFERENCES public.msp(id);


ALTER TABLE ONLY public.signing_key
    ADD CONSTRAINT fk_signing_key_msp_id FOREIGN KEY (msp_id) REFERENCES public.msp(id);


ALTER TABLE ONLY public.technician
    ADD CONSTRAINT fk_technician_msp_id FOREIGN KEY (msp_id) REFERENCES public.msp(id);


ALTER TABLE ONLY public.tenant_key
    ADD CONSTRAINT fk_tenant_key_msp_id FOREIGN KEY (msp_id) REFERENCES public.msp(id);


ALTER TABLE ONLY public.ticket_link
    ADD CONSTRAINT fk_ticket_link_request_id FOREIGN KEY (request_id) REFERENCES public.elevation_request(id);


ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id) ON DELETE CASCADE;


ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES public.procrastinate_workers(id) ON DELETE SET NULL;


ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id);


ALTER TABLE public.audit_event ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.connector_lookup ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.customer ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.customer_mapping ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.delegation ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.elevation_grant ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.elevation_request ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.endpoint ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.endpoint_nonce ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.enrolment_token ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.halopsa_object ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.inbound_key ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.joined_request ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.msp ENABLE ROW LEVEL SECURITY;

CREATE POLICY owner ON public.audit_event TO stepladder_owner USING (true);


CREATE POLICY owner ON public.connector_lookup TO stepladder_owner USING (true);


CREATE POLICY owner ON public.customer TO stepladder_owner USING (true);


CREATE POLICY owner ON public.customer_mapping TO stepladder_owner USING (true);


CREATE POLICY owner ON public.decision TO stepladder_owner USING (true);


CREATE POLICY owner ON public.delegation TO stepladder_owner USING (true);


CREATE POLICY owner ON public.elevation_grant TO stepladder_owner USING (true);


CREATE POLICY owner ON public.elevation_request TO stepladder_owner USING (true);


CREATE POLICY owner ON public.endpoint TO stepladder_owner USING (true);


CREATE POLICY owner ON public.endpoint_nonce TO stepladder_owner USING (true);


CREATE POLICY owner ON public.enrolment_token TO stepladder_owner USING (true);


CREATE POLICY owner ON public.halopsa_object TO stepladder_owner USING (true);


CREATE POLICY owner ON public.inbound_key TO stepladder_owner USING (true);


CREATE POLICY owner ON public.joined_request TO stepladder_owner USING (true);


CREATE POLICY owner ON public.msp TO stepladder_owner USING (true);


CREATE POLICY owner ON public.psa_connector TO stepladder_owner USING (true);


CREATE POLICY owner ON public.rule TO stepladder_owner USING (true);


CREATE POLICY owner ON public.self_test TO stepladder_owner USING (true);


CREATE POLICY owner ON public.signing_key TO stepladder_owner USING (true);


CREATE POLICY owner ON public.technician TO stepladder_owner USING (true);


CREATE POLICY owner ON public.tenant_key TO stepladder_owner USING (true);


CREATE POLICY owner ON public.ticket_link TO stepladder_owner USING (true);


ALTER TABLE public.psa_connector ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.rule ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.self_test ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.signing_key ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.technician ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant ON public.audit_event TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.connector_lookup TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.customer TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.customer_mapping TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.decision TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.delegation TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.elevation_grant TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.elevation_request TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.endpoint TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.endpoint_nonce TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.enrolment_token TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.halopsa_object TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.inbound_key TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.joined_request TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.msp TO stepladder_service USING ((id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.psa_connector TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.rule TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.self_test TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.signing_key TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.technician TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.tenant_key TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


CREATE POLICY tenant ON public.ticket_link TO stepladder_service USING ((msp_id = (NULLIF(current_setting('stepladder.msp_id'::text, true), ''::text))::uuid));


ALTER TABLE public.tenant_key ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ticket_link ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA public TO stepladder_service;


REVOKE ALL ON FUNCTION public.due_work(at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.due_work(at timestamp with time zone) TO stepladder_service;


REVOKE ALL ON FUNCTION public.msp_directory() FROM PUBLIC;
GRANT ALL ON FUNCTION public.msp_directory() TO stepladder_service;


GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.procrastinate_jobs TO stepladder_service;


REVOKE ALL ON FUNCTION public.settled_among(ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settled_among(ids uuid[]) TO stepladder_service;


GRANT SELECT ON TABLE public.alembic_version TO stepladder_service;


GRANT SELECT,INSERT ON TABLE public.audit_event TO stepladder_service;


GRANT UPDATE(sequence) ON TABLE public.audit_event TO stepladder_service;


GRANT UPDATE(link) ON TABLE public.audit_event TO stepladder_service;


GRANT SELECT,USAGE ON SEQUENCE public.audit_event_id_seq TO stepladder_service;


GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.connector_lookup TO stepladder_service;


GRANT SELECT,INSERT,UPDATE ON TABLE public.customer TO stepladder_service;


GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.customer_mapping TO stepladder_service;


GRANT SELECT,INSERT ON TABLE public.decision TO stepladder_service;


GRANT SELECT,INSERT,DELETE ON TABLE public.delegation TO stepladder_service;


GRANT UPDATE(role) ON TABLE public.delegation TO stepladder_service;


GRANT UPDATE(created_at) ON TABLE public.delegation TO stepladder_service;


GRANT SELECT,INSERT ON TABLE public.elevation_grant TO stepladder_service;


GRANT SELECT,INSERT ON TABLE public.elevation_request TO stepladder_service;


GRANT UPDATE(state) ON TABLE public.elevation_request TO stepladder_service;


GRANT UPDATE(settled_at) ON TABLE public.elevation_request TO stepladder_service;


GRANT SELECT,INSERT,UPDATE ON TABLE public.endpoint TO stepladder_service;


GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.endpoint_nonce TO stepladder_service;


GRANT SELECT,INSERT,UPDATE ON TABLE public.enrolment_token TO stepladder_service;


GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.halopsa_object TO stepladder_service;


GRANT SELECT,INSERT,UPDATE ON TABLE public.inbound_key TO stepladder_service;


GRANT SELECT,INSERT ON TABLE public.joined_request TO stepladder_service;


GRANT SELECT,INSERT,UPDATE ON TABLE public.msp TO stepladder_service;


GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.procrastinate_events TO stepladder_service;


GRANT SELECT,USAGE ON SEQUENCE public.procrastinate_events_id_seq TO stepladder_service;


GRANT SELECT,USAGE ON SEQUENCE public.procrastinate_jobs_id_seq TO stepladder_service;


GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.procrastinate_periodic_defers TO stepladder_service;


GRANT SELECT,USAGE ON SEQUENCE public.procrastinate_periodic_defers_id_seq TO stepladder_service;


GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.procrastinate_workers TO stepladder_service;


GRANT SELECT,USAGE ON SEQUENCE public.procrastinate_workers_id_seq TO stepladder_service;


GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.psa_connector TO stepladder_service;


GRANT SELECT,INSERT ON TABLE public.rule TO stepladder_service;


GRANT UPDATE(verdict) ON TABLE public.rule TO stepladder_service;


GRANT UPDATE(kind) ON TABLE public.rule TO stepladder_service;


GRANT UPDATE(match_key) ON TABLE public.rule TO stepladder_service;


GRANT UPDATE(sha256) ON TABLE public.rule TO stepladder_service;


GRANT UPDATE(publisher) ON TABLE public.rule TO stepladder_service;


GRANT UPDATE(program_name) ON TABLE public.rule TO stepladder_service;


GRANT UPDATE(arguments) ON TABLE public.rule TO stepladder_service;


GRANT UPDATE(note) ON TABLE public.rule TO stepladder_service;


GRANT UPDATE(written_by_kind) ON TABLE public.rule TO stepladder_service;


GRANT UPDATE(written_by_id) ON TABLE public.rule TO stepladder_service;


GRANT UPDATE(expires_at) ON TABLE public.rule TO stepladder_service;


GRANT UPDATE(confirmed_by) ON TABLE public.rule TO stepladder_service;


GRANT UPDATE(confirmed_until) ON TABLE public.rule TO stepladder_service;


GRANT UPDATE(ended_at) ON TABLE public.rule TO stepladder_service;


GRANT SELECT,INSERT ON TABLE public.self_test TO stepladder_service;


GRANT UPDATE(ticket_id) ON TABLE public.self_test TO stepladder_service;


GRANT UPDATE(arrived) ON TABLE public.self_test TO stepladder_service;


GRANT UPDATE(names_match) ON TABLE public.self_test TO stepladder_service;


GRANT UPDATE(arrived_at) ON TABLE public.self_test TO stepladder_service;


GRANT UPDATE(closed_at) ON TABLE public.self_test TO stepladder_service;


GRANT SELECT,INSERT,UPDATE ON TABLE public.signing_key TO stepladder_service;


GRANT SELECT,INSERT,UPDATE ON TABLE public.technician TO stepladder_service;


GRANT SELECT,INSERT,UPDATE ON TABLE public.tenant_key TO stepladder_service;


GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ticket_link TO stepladder_service;


