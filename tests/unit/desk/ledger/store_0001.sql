BEGIN TRANSACTION;
CREATE TABLE breaker_events (
	journal_seq BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	event VARCHAR(40) NOT NULL, 
	reason VARCHAR(200) NOT NULL, 
	equity VARCHAR(64) NOT NULL, 
	PRIMARY KEY (journal_seq)
);
INSERT INTO "breaker_events" VALUES(7,1772366400123456,'latched','daily_loss: it''s "so"','9499.99');
INSERT INTO "breaker_events" VALUES(8,1772366460123456,'latched','daily_loss: it''s "so"','9499.99');
INSERT INTO "breaker_events" VALUES(9,1772366520123456,'latched','daily_loss: it''s "so"','9499.99');
CREATE TABLE chart_readings (
	symbol VARCHAR(20) NOT NULL, 
	interval VARCHAR(4) NOT NULL, 
	at BIGINT NOT NULL, 
	last_close VARCHAR(64) NOT NULL, 
	read_by VARCHAR(40) NOT NULL, 
	trend VARCHAR(10) NOT NULL, 
	score INTEGER NOT NULL, 
	confidence VARCHAR(64) NOT NULL, 
	picture_trend VARCHAR(10), 
	picture_score INTEGER, 
	picture_confidence VARCHAR(64), 
	model VARCHAR(120) NOT NULL, 
	PRIMARY KEY (symbol, interval, at)
);
INSERT INTO "chart_readings" VALUES('BTCUSDT','15m',1772366400123456,'60234.4','offline','UP',40,'0.7',NULL,NULL,NULL,'');
INSERT INTO "chart_readings" VALUES('BTCUSDT','15m',1772366460123456,'60234.4','offline','UP',40,'0.7',NULL,NULL,NULL,'');
INSERT INTO "chart_readings" VALUES('BTCUSDT','15m',1772366520123456,'60234.4','offline','UP',40,'0.7',NULL,NULL,NULL,'');
CREATE TABLE costs (
	decision_id VARCHAR(80) NOT NULL, 
	agent VARCHAR(40) NOT NULL, 
	at BIGINT NOT NULL, 
	model VARCHAR(120) NOT NULL, 
	requests INTEGER NOT NULL, 
	prompt_tokens INTEGER NOT NULL, 
	completion_tokens INTEGER NOT NULL, 
	usd VARCHAR(64) NOT NULL, 
	PRIMARY KEY (decision_id, agent)
);
INSERT INTO "costs" VALUES('d0','risk',1772366400123456,'openai',2,2100,180,'0.001128');
INSERT INTO "costs" VALUES('d1','risk',1772366460123456,'openai',2,2100,180,'0.001128');
INSERT INTO "costs" VALUES('d2','risk',1772366520123456,'openai',2,2100,180,'0.001128');
CREATE TABLE decisions (
	decision_id VARCHAR(80) NOT NULL, 
	run_id VARCHAR(64) NOT NULL, 
	at BIGINT NOT NULL, 
	profile VARCHAR(40) NOT NULL, 
	symbol VARCHAR(20) NOT NULL, 
	action VARCHAR(20) NOT NULL, 
	conviction VARCHAR(64) NOT NULL, 
	verdict VARCHAR(20) NOT NULL, 
	rule VARCHAR(80) NOT NULL, 
	intent_id VARCHAR(80), 
	mark VARCHAR(64) NOT NULL, 
	equity VARCHAR(64) NOT NULL, 
	snapshot_hash VARCHAR(64) NOT NULL, 
	PRIMARY KEY (decision_id)
);
INSERT INTO "decisions" VALUES('d0','r1',1772366400123456,'demo','BTCUSDT','OPEN_LONG','0.5218','approved','approved',NULL,'60234.44','10000.00000001','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
INSERT INTO "decisions" VALUES('d1','r1',1772366460123456,'demo','BTCUSDT','OPEN_LONG','0.5218','approved','approved','i1','60234.44','10000.00000001','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
INSERT INTO "decisions" VALUES('d2','r1',1772366520123456,'demo','BTCUSDT','OPEN_LONG','0.5218','approved','approved','i2','60234.44','10000.00000001','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
CREATE TABLE equity (
	at BIGINT NOT NULL, 
	equity VARCHAR(64) NOT NULL, 
	wallet VARCHAR(64) NOT NULL, 
	unrealized VARCHAR(64) NOT NULL, 
	PRIMARY KEY (at)
);
INSERT INTO "equity" VALUES(1772366400123456,'9895.08','9900','-4.92');
INSERT INTO "equity" VALUES(1772366460123456,'9895.08','9900','-4.92');
INSERT INTO "equity" VALUES(1772366520123456,'9895.08','9900','-4.92');
CREATE TABLE forecasts (
	decision_id VARCHAR(80) NOT NULL, 
	agent VARCHAR(40) NOT NULL, 
	at BIGINT NOT NULL, 
	until BIGINT NOT NULL, 
	symbol VARCHAR(20) NOT NULL, 
	model VARCHAR(120) NOT NULL, 
	regime VARCHAR(20) NOT NULL, 
	event VARCHAR(10) NOT NULL, 
	probability VARCHAR(64) NOT NULL, 
	called INTEGER NOT NULL, 
	mark VARCHAR(64) NOT NULL, 
	distance VARCHAR(64) NOT NULL, 
	outcome INTEGER, 
	PRIMARY KEY (decision_id, agent)
);
INSERT INTO "forecasts" VALUES('d0','chart',1772366400123456,1772370000123456,'BTCUSDT','','bull','up','0.61',1,'60234.5','0',NULL);
INSERT INTO "forecasts" VALUES('d1','chart',1772366460123456,1772370060123456,'BTCUSDT','','bull','up','0.61',1,'60234.5','0',NULL);
INSERT INTO "forecasts" VALUES('d2','chart',1772366520123456,1772370120123456,'BTCUSDT','','bull','up','0.61',1,'60234.5','0',NULL);
CREATE TABLE market_context (
	symbol VARCHAR(20) NOT NULL, 
	at BIGINT NOT NULL, 
	appetite VARCHAR(20) NOT NULL, 
	btc_trend VARCHAR(20), 
	btc_strength VARCHAR(64), 
	volatility VARCHAR(20), 
	fear_greed INTEGER, 
	btc_dominance VARCHAR(64), 
	total_cap_usd VARCHAR(64), 
	correlation_btc VARCHAR(64), 
	missing VARCHAR(200) NOT NULL, 
	PRIMARY KEY (symbol, at)
);
INSERT INTO "market_context" VALUES('BTCUSDT',1772366400123456,'RISK_ON','UP','0.612345',NULL,0,NULL,'3100000000000','-0.000001','DOMINANCE');
INSERT INTO "market_context" VALUES('BTCUSDT',1772366460123456,'RISK_ON','UP','0.612345',NULL,1,NULL,'3100000000000','-0.000001','DOMINANCE');
INSERT INTO "market_context" VALUES('BTCUSDT',1772366520123456,'RISK_ON','UP','0.612345',NULL,2,NULL,'3100000000000','-0.000001','DOMINANCE');
CREATE TABLE pages (
	"key" VARCHAR(120) NOT NULL, 
	at BIGINT NOT NULL, 
	body BLOB NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "pages" VALUES('feed:0',1772366400123456,X'000102030405060708');
INSERT INTO "pages" VALUES('feed:1',1772366460123456,X'010203040506070809');
INSERT INTO "pages" VALUES('feed:2',1772366520123456,X'02030405060708090A');
CREATE TABLE schema_version (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "schema_version" VALUES(1);
CREATE TABLE shadows (
	desk VARCHAR(20) NOT NULL, 
	number INTEGER NOT NULL, 
	decision_id VARCHAR(80) NOT NULL, 
	at BIGINT NOT NULL, 
	equity VARCHAR(64) NOT NULL, 
	book TEXT NOT NULL, 
	PRIMARY KEY (desk, number)
);
INSERT INTO "shadows" VALUES('hold',1,'d0',1772366400123456,'10001.5','{"held":"0.1"}');
INSERT INTO "shadows" VALUES('hold',2,'d1',1772366460123456,'10001.5','{"held":"0.1"}');
INSERT INTO "shadows" VALUES('hold',3,'d2',1772366520123456,'10001.5','{"held":"0.1"}');
CREATE TABLE signals (
	symbol VARCHAR(20) NOT NULL, 
	interval VARCHAR(4) NOT NULL, 
	at BIGINT NOT NULL, 
	score INTEGER NOT NULL, 
	threshold INTEGER NOT NULL, 
	direction VARCHAR(10) NOT NULL, 
	PRIMARY KEY (symbol, interval, at)
);
INSERT INTO "signals" VALUES('BTCUSDT','15m',1772366400123456,4,3,'LONG');
INSERT INTO "signals" VALUES('BTCUSDT','15m',1772366460123456,3,3,'LONG');
INSERT INTO "signals" VALUES('BTCUSDT','15m',1772366520123456,2,3,'LONG');
CREATE TABLE strategy_trades (
	strategy VARCHAR(80) NOT NULL, 
	settings VARCHAR(16) NOT NULL, 
	source VARCHAR(20) NOT NULL, 
	symbol VARCHAR(20) NOT NULL, 
	interval VARCHAR(4) NOT NULL, 
	opened_at BIGINT NOT NULL, 
	closed_at BIGINT NOT NULL, 
	side VARCHAR(5) NOT NULL, 
	regime VARCHAR(20) NOT NULL, 
	gain VARCHAR(64) NOT NULL, 
	risked VARCHAR(64) NOT NULL, 
	PRIMARY KEY (strategy, settings, source, symbol, interval, opened_at)
);
INSERT INTO "strategy_trades" VALUES('trend','s','backtest','BTCUSDT','1h',1772366400123456,1772373600123456,'LONG','bull','0.012','0.02');
INSERT INTO "strategy_trades" VALUES('trend','s','backtest','BTCUSDT','1h',1772366460123456,1772373660123456,'LONG','bull','0.012','0.02');
INSERT INTO "strategy_trades" VALUES('trend','s','backtest','BTCUSDT','1h',1772366520123456,1772373720123456,'LONG','bull','0.012','0.02');
CREATE TABLE trades (
	intent_id VARCHAR(80) NOT NULL, 
	decision_id VARCHAR(80) NOT NULL, 
	symbol VARCHAR(20) NOT NULL, 
	quantity VARCHAR(64) NOT NULL, 
	opened_at BIGINT NOT NULL, 
	entry_price VARCHAR(64) NOT NULL, 
	closed_at BIGINT, 
	exit_price VARCHAR(64), 
	fees VARCHAR(64), 
	funding VARCHAR(64), 
	pnl VARCHAR(64), 
	exit_reason VARCHAR(80), 
	PRIMARY KEY (intent_id)
);
INSERT INTO "trades" VALUES('i0','d0','BTCUSDT','-0.083',1772366400123456,'60234.5',1772377200123456,'61439.2','5.0487','-0.12','-104.9193','stop');
INSERT INTO "trades" VALUES('i1','d1','BTCUSDT','-0.083',1772366460123456,'60234.5',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "trades" VALUES('i2','d2','BTCUSDT','-0.083',1772366520123456,'60234.5',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE tries (
	digest VARCHAR(64) NOT NULL, 
	family VARCHAR(80) NOT NULL, 
	strategy VARCHAR(80) NOT NULL, 
	at BIGINT NOT NULL, 
	days INTEGER NOT NULL, 
	sharpe VARCHAR(64) NOT NULL, 
	PRIMARY KEY (digest)
);
INSERT INTO "tries" VALUES('0000000000000000000000000000000000000000000000000000000000000000','BTCUSDT 1h','trend',1772366400123456,90,'0.1');
INSERT INTO "tries" VALUES('1111111111111111111111111111111111111111111111111111111111111111','BTCUSDT 1h','trend',1772366460123456,90,'0.1');
INSERT INTO "tries" VALUES('2222222222222222222222222222222222222222222222222222222222222222','BTCUSDT 1h','trend',1772366520123456,90,'0.1');
CREATE INDEX decisions_by_symbol ON decisions (symbol, at);
CREATE INDEX decisions_by_time ON decisions (at);
CREATE INDEX trades_by_symbol ON trades (symbol, opened_at);
CREATE INDEX trades_by_close ON trades (closed_at);
CREATE INDEX costs_by_time ON costs (at);
CREATE INDEX forecasts_by_time ON forecasts (at);
CREATE INDEX forecasts_by_outcome ON forecasts (outcome, until);
CREATE INDEX shadows_by_time ON shadows (desk, at);
CREATE UNIQUE INDEX shadows_by_decision ON shadows (desk, decision_id);
CREATE INDEX tries_by_family ON tries (family);
CREATE INDEX strategy_trades_by_close ON strategy_trades (closed_at);
COMMIT;
