CREATE TABLE runs (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    command VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    arguments VARCHAR NOT NULL,
    resolved VARCHAR NOT NULL,
    versions VARCHAR NOT NULL,
    machine VARCHAR NOT NULL,
    git VARCHAR NOT NULL,
    PRIMARY KEY (run)
);
CREATE TABLE models (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    variant VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    backend VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    revision VARCHAR NOT NULL,
    modality VARCHAR NOT NULL,
    licence VARCHAR,
    price_per_1000 DOUBLE,
    settings VARCHAR NOT NULL,
    specification VARCHAR NOT NULL,
    PRIMARY KEY (variant, model)
);
CREATE TABLE suites (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    digest VARCHAR NOT NULL,
    suite VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    title VARCHAR NOT NULL,
    protocol VARCHAR NOT NULL,
    modality VARCHAR NOT NULL,
    reference VARCHAR,
    specification VARCHAR NOT NULL,
    PRIMARY KEY (digest)
);
CREATE TABLE prompts (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    suite VARCHAR NOT NULL,
    prompt_id VARCHAR NOT NULL,
    position BIGINT NOT NULL,
    digest VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    target VARCHAR,
    checks VARCHAR NOT NULL,
    PRIMARY KEY (suite, prompt_id)
);
CREATE TABLE tags (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    suite VARCHAR NOT NULL,
    prompt_id VARCHAR NOT NULL,
    tag VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    PRIMARY KEY (suite, prompt_id, tag)
);
CREATE TABLE metrics (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    metric VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    title VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    direction VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    recipe VARCHAR NOT NULL,
    PRIMARY KEY (metric)
);
CREATE TABLE jobs (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    job_key VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    prompt VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    negative VARCHAR,
    seed BIGINT NOT NULL,
    settings VARCHAR NOT NULL,
    backend VARCHAR NOT NULL,
    backend_version BIGINT NOT NULL,
    PRIMARY KEY (job_key)
);
CREATE TABLE members (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    suite VARCHAR NOT NULL,
    variant VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    prompt_id VARCHAR NOT NULL,
    seed BIGINT NOT NULL,
    job_key VARCHAR NOT NULL,
    PRIMARY KEY (suite, variant, model, prompt_id, seed)
);
CREATE TABLE attempts (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    job_key VARCHAR NOT NULL,
    take BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    status VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    duration_s DOUBLE NOT NULL,
    batch_size BIGINT NOT NULL,
    padded BOOLEAN NOT NULL,
    peak_memory_bytes BIGINT,
    cost DOUBLE,
    device VARCHAR NOT NULL,
    notes VARCHAR NOT NULL,
    PRIMARY KEY (job_key, take, attempt)
);
CREATE TABLE artifacts (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    sha256 VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    bytes BIGINT NOT NULL,
    width BIGINT,
    height BIGINT,
    frames BIGINT,
    fps DOUBLE,
    duration_s DOUBLE,
    sample_rate BIGINT,
    text VARCHAR,
    PRIMARY KEY (sha256)
);
CREATE TABLE output_artifacts (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    job_key VARCHAR NOT NULL,
    take BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    position BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,
    PRIMARY KEY (job_key, take, attempt, position)
);
CREATE TABLE reference_members (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    reference VARCHAR NOT NULL,
    position BIGINT NOT NULL,
    subject VARCHAR NOT NULL,
    PRIMARY KEY (reference, position)
);
CREATE TABLE features (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    feature_key VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    instrument VARCHAR NOT NULL,
    extractor VARCHAR NOT NULL,
    weights VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    status VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    vector FLOAT[],
    scalar DOUBLE,
    text VARCHAR,
    detail VARCHAR,
    PRIMARY KEY (feature_key)
);
CREATE TABLE scores (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    job_key VARCHAR NOT NULL,
    take BIGINT NOT NULL,
    prompt VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    recipe VARCHAR NOT NULL,
    score_key VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    value DOUBLE,
    PRIMARY KEY (job_key, take, prompt, metric)
);
CREATE TABLE set_scores (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    suite VARCHAR NOT NULL,
    variant VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    recipe VARCHAR NOT NULL,
    score_key VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    value DOUBLE,
    low DOUBLE,
    high DOUBLE,
    n BIGINT NOT NULL,
    reference VARCHAR,
    PRIMARY KEY (suite, variant, metric)
);
CREATE TABLE outputs (
    run VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    job_key VARCHAR NOT NULL,
    take BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    status VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    duration_s DOUBLE NOT NULL,
    batch_size BIGINT NOT NULL,
    padded BOOLEAN NOT NULL,
    peak_memory_bytes BIGINT,
    cost DOUBLE,
    device VARCHAR NOT NULL,
    PRIMARY KEY (job_key, take)
);
CREATE TABLE ingested (part VARCHAR PRIMARY KEY);
CREATE TABLE schema_version (version BIGINT NOT NULL);
INSERT INTO schema_version VALUES (1);
