PRAGMA application_id=1231973235;
PRAGMA user_version=2;
BEGIN TRANSACTION;
CREATE TABLE conversation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    leaf_id INTEGER,
    system_prompt TEXT NOT NULL,
    sampling TEXT NOT NULL,
    model_id TEXT NOT NULL,
    is_named INTEGER NOT NULL,
    message_count INTEGER NOT NULL,
    FOREIGN KEY (id, leaf_id) REFERENCES message (conversation_id, id) DEFERRABLE INITIALLY DEFERRED
);
INSERT INTO "conversation" VALUES(1,'茶 Tea',1767323047678901,1767323052678901,NULL,8,'Be brief.','{"temperature": 0.5}','small',0,8);
INSERT INTO "conversation" VALUES(2,'by hand',1767323053678901,1767323055678901,NULL,10,'','{}','',1,2);
INSERT INTO "conversation" VALUES(3,'',1767323056678901,1767323057678901,1767323058678901,12,'','{}','',0,2);
CREATE TABLE draft (
    conversation_id INTEGER PRIMARY KEY,
    content TEXT NOT NULL,
    updated_at INTEGER NOT NULL
, system_prompt TEXT NOT NULL DEFAULT '', sampling TEXT NOT NULL DEFAULT '{}');
INSERT INTO "draft" VALUES(0,'for a new one',1767323059678901,'Be kind.','{"top_k": 7}');
INSERT INTO "draft" VALUES(1,'not sent',1767323060678901,'','{}');
CREATE TABLE fact (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT INTO "fact" VALUES('checked_at',1767323061678901);
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    parent_id INTEGER CHECK (parent_id < id),
    chosen_child_id INTEGER,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    status TEXT NOT NULL CHECK (status IN ('streaming', 'complete', 'stopped', 'interrupted', 'failed')),
    run_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    model TEXT NOT NULL,
    finish_reason TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    reused_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    prompt_ms REAL NOT NULL,
    duration_ms REAL NOT NULL,
    error_kind TEXT NOT NULL,
    error_values TEXT NOT NULL,
    content TEXT NOT NULL,
    UNIQUE (conversation_id, id),
    FOREIGN KEY (conversation_id, parent_id) REFERENCES message (conversation_id, id)
);
INSERT INTO "message" VALUES(1,1,NULL,NULL,'user','complete','run',1767323048678901,'','',0,0,0,0.0,0.0,'','{}','Which tea?');
INSERT INTO "message" VALUES(2,1,1,NULL,'assistant','complete','run',1767323048678901,'small','stop',12,3,45,6.5,789.25,'','{}','answer to Which tea?');
INSERT INTO "message" VALUES(3,1,2,NULL,'user','complete','run',1767323049678901,'','',0,0,0,0.0,0.0,'','{}','And
why? 🍵');
INSERT INTO "message" VALUES(4,1,3,NULL,'assistant','complete','run',1767323049678901,'small','stop',12,3,45,6.5,789.25,'','{}','answer to And
why? 🍵');
INSERT INTO "message" VALUES(5,1,NULL,NULL,'user','complete','run',1767323050678901,'','',0,0,0,0.0,0.0,'','{}','Which coffee?');
INSERT INTO "message" VALUES(6,1,5,NULL,'assistant','complete','run',1767323050678901,'small','stop',12,3,45,6.5,789.25,'','{}','answer to Which coffee?');
INSERT INTO "message" VALUES(7,1,1,NULL,'assistant','streaming','run',1767323051678901,'','',0,0,0,0.0,0.0,'','{}','being written');
INSERT INTO "message" VALUES(8,1,1,NULL,'assistant','stopped','run',1767323052678901,'','stop',12,3,45,6.5,789.25,'','{}','cut');
INSERT INTO "message" VALUES(9,2,NULL,NULL,'user','complete','run',1767323054678901,'','',0,0,0,0.0,0.0,'','{}','And now?');
INSERT INTO "message" VALUES(10,2,9,NULL,'assistant','failed','run',1767323054678901,'','stop',12,3,45,6.5,789.25,'engine_crashed','{"reason": "killed"}','');
INSERT INTO "message" VALUES(11,3,NULL,NULL,'user','complete','run',1767323057678901,'','',0,0,0,0.0,0.0,'','{}','forget this');
INSERT INTO "message" VALUES(12,3,11,NULL,'assistant','streaming','run',1767323057678901,'','',0,0,0,0.0,0.0,'','{}','');
CREATE TABLE run (id TEXT PRIMARY KEY, pid INTEGER NOT NULL, started_at INTEGER NOT NULL);
INSERT INTO "run" VALUES('run',15833,1767323046678901);
CREATE INDEX message_by_parent ON message (conversation_id, parent_id);
CREATE INDEX message_streaming ON message (run_id) WHERE status = 'streaming';
CREATE INDEX conversation_by_change ON conversation (updated_at, id) WHERE deleted_at IS NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('conversation',3);
INSERT INTO "sqlite_sequence" VALUES('message',12);
COMMIT;
