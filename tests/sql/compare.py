"""Decides the same random cases by exported SQL on several engines and by the library, which has to say the same.

    python3 tests/sql/compare.py PROGRAM [ROWS]      random cases: known, unknown, hostile, with dates and without
    python3 tests/sql/compare.py PROGRAM all         every case of known facts in every edition, on DuckDB

DuckDB and DataFusion are their packages of PyPI, SQLite comes with Python. A PostgreSQL server is started where there
is one.
"""

import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from glob import glob
from pathlib import Path

HERE = Path(__file__).resolve().parent
RULEBOOKS = HERE.parent.parent / "crates/rulebook/tests/data"
PROGRAM = sys.argv[1]
ROWS = sys.argv[2] if len(sys.argv) > 2 else "1500"
ACTIONS = ["request_relationship", "recreate_and_cancel", "switch", "wait_until_term_end", "cancel_then_move"]
USAGE_BASED = {"azure", "azure_plan"}
DATES = {"purchased_at": "TIMESTAMP", "ends_on": "DATE", "cancellable_until": "TIMESTAMP"}
# The days around changes in what dates mean.
NOTABLE_DAYS = ["2022-03-18", "2022-03-19", "2022-03-20", "2026-05-03", "2026-11-27"]
HOSTILE = ["", " public", "Public", "publiс", "x' OR '1'='1", 'x"', "public\n", "NULL", "\\", "a;--", "💥"]


def facts():
    """The words of each fact, from the policy's own table."""
    table = (HERE.parent / "data/facts.md").read_text("utf-8").split("What the values mean")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", table, re.M)
    return {fact: re.findall(r"`(\w+)`", words) for fact, words in rows}


FACTS = facts()


def program(*arguments, stdin=None):
    return subprocess.run([PROGRAM, *arguments], input=stdin, capture_output=True, text=True, encoding="utf-8").stdout


def case(number, chance, as_of, has_dates):
    """A row: each fact known, unknown, or seldom a word that it does not have."""
    unknown, hostile = chance.choice([(0, 0), (0.1, 0), (0.5, 0), (0.1, 0.02)])
    row = {"id": str(number)}
    for fact, words in FACTS.items():
        word = chance.choice(words)
        word = None if chance.random() < unknown else word
        row[fact] = chance.choice(HOSTILE) if chance.random() < hostile else word
    if has_dates:
        if chance.random() < 0.3:
            # The service with the most dates in its rules.
            row["service"] = "new_commerce_license"
        for column, kind in DATES.items():
            row[column] = None
            if chance.random() < (0.3 if column == "cancellable_until" else 0.8):
                # Around every limit there is, and anywhere.
                near = [0, 72, 168, 24, -24, 24 * 365, chance.randrange(-9000, 9000)]
                starts = [as_of, as_of, datetime(2026, 5, 4), datetime(2022, 3, 12)]
                seconds = chance.choice([0, 0, -1, 1])
                at = chance.choice(starts) - timedelta(hours=chance.choice(near), seconds=seconds)
                row[column] = at.strftime("%Y-%m-%d %H:%M:%S" if kind == "TIMESTAMP" else "%Y-%m-%d")
    return row


def unknown_words(row):
    return {fact for fact, words in FACTS.items() if fact in row and row[fact] is not None and row[fact] not in words}


def expected(rows, rulebook, day, has_dates):
    """What the library says of each row; a row that it refuses is left out."""
    records = []
    for row in rows:
        record = {name: value for name, value in row.items() if value is not None and name not in DATES}
        if has_dates:
            record.pop("term_phase", None)
            if row["ends_on"] and row["service"] not in USAGE_BASED:
                instants = {name: value.replace(" ", "T") + "Z" for name in DATES
                            if name != "ends_on" and (value := row[name])}
                record["term"] = {"ends_on": row["ends_on"], **instants}
        records.append(json.dumps(record))
    lines = program("decide", "--json", "--as-of", day, *rulebook, stdin="\n".join(records)).splitlines()
    assert len(lines) == len(rows)
    return [json.loads(line) for line in lines]


def compare(engine, rows, answers, decided, has_dates):
    """Counts the verdicts that were compared."""
    compared = 0
    assert len(decided) == len(rows), engine
    for row, answer, got in zip(rows, answers, sorted(decided, key=lambda row: int(row["id"]))):
        seen = {**row, "term_phase": None} if has_dates else row
        if bad := unknown_words(seen):
            assert "error" in answer, answer
            assert got["invalid_column"] in bad, (engine, got)
            assert all(got[action] is None for action in ACTIONS), (engine, got)
            continue
        assert all(str(got[name]) == str(value) for name, value in row.items() if name not in DATES), (engine, row, got)
        if "error" in answer:
            # The term ends before it is bought.
            assert "`ends_on` is" in answer["error"] and got["invalid_column"] == "ends_on", (engine, answer, got)
            assert all(got[action] is None for action in ACTIONS), (engine, got)
            continue
        assert got["invalid_column"] is None, (engine, row, got)
        for action in ACTIONS:
            verdict = answer["verdicts"][action]
            rules = None if verdict["verdict"] == "undetermined" else ", ".join(verdict.get("rules", []))
            mine, theirs = (got[action], got[action + "_rules"]), (verdict["verdict"], rules)
            assert mine == theirs, (engine, row, action, mine, theirs)
            compared += 1
    return compared


def columns(has_dates):
    texts = [(name, "VARCHAR") for name in ["id", *FACTS]]
    return texts + (list(DATES.items()) if has_dates else [])


def sqlite(rows, sql, has_dates):
    names = [name for name, _ in columns(has_dates)]
    with sqlite3.connect(":memory:") as database:
        database.execute(f"CREATE TABLE cases ({', '.join(f'{name} TEXT' for name in names)})")
        places = ", ".join("?" for _ in names)
        database.executemany(f"INSERT INTO cases VALUES ({places})", [[row[name] for name in names] for row in rows])
        found = database.execute(sql)
        titles = [title[0] for title in found.description]
        return [dict(zip(titles, row)) for row in found]


def duckdb(rows, sql, has_dates):
    import duckdb

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
        path = Path(folder, "cases.jsonl")
        path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
        kinds = dict(columns(has_dates))
        database.execute(f"CREATE TABLE cases AS FROM read_json('{path}', format='newline_delimited', columns={kinds})")
        found = database.execute(sql)
        titles = [title[0] for title in found.description]
        return [dict(zip(titles, row)) for row in found.fetchall()]


def datafusion(rows, sql, has_dates):
    import datafusion

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cases.json")
        path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
        context = datafusion.SessionContext()
        kinds = ", ".join(f"{name} {kind}" for name, kind in columns(has_dates))
        context.sql(f"CREATE EXTERNAL TABLE cases ({kinds}) STORED AS JSON LOCATION '{path}'")
        return context.sql(sql).to_pylist()


class Postgres:
    """A server of its own in a new folder, reached by a socket in it."""

    def __init__(self):
        binaries = sorted(glob("/usr/lib/postgresql/*/bin"))
        self.binaries = binaries[-1] if binaries else None

    def __enter__(self):
        if self.binaries:
            self.folder = tempfile.mkdtemp()
            if os.getuid() == 0:
                # The server refuses to run as root.
                shutil.chown(self.folder, "postgres")
            self.run(f"{self.binaries}/initdb", "-D", f"{self.folder}/data", "-E", "UTF8", "--no-sync")
            options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c timezone=UTC"
            self.run(f"{self.binaries}/pg_ctl", "-D", f"{self.folder}/data", "-w", "-l", f"{self.folder}/log", "-o", options, "start")
        return self

    def __exit__(self, *_):
        if self.binaries:
            self.run(f"{self.binaries}/pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")
            shutil.rmtree(self.folder)

    def run(self, *command, stdin=""):
        user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        done = subprocess.run([*user, *command], input=stdin, capture_output=True, text=True, encoding="utf-8", cwd="/")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def __call__(self, rows, sql, has_dates):
        # Rows go in as literals of JSON, between dollars that no row has.
        kinds = ", ".join(f"{name} {kind}" for name, kind in columns(has_dates))
        script = f"""
            CREATE TEMPORARY TABLE cases ({kinds});
            INSERT INTO cases SELECT * FROM json_populate_recordset(NULL::cases, $rows${json.dumps(rows)}$rows$);
            SELECT row_to_json(decided) FROM ({sql.strip()}) decided;
        """
        psql = [f"{self.binaries}/psql", "-h", self.folder, "-d", "postgres", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        return [json.loads(line) for line in self.run(*psql, stdin=script).splitlines()]


def every_case():
    """Compares each edition in DuckDB itself: the cases go out to the program, its decisions come in."""
    import duckdb

    verdict = "STRUCT(verdict VARCHAR, rules VARCHAR[])"
    verdicts = ", ".join(f"{action} {verdict}" for action in ACTIONS)
    differences = " OR ".join(
        f"ours.{action} IS DISTINCT FROM theirs.verdicts.{action}.verdict OR ours.{action}_rules IS DISTINCT FROM "
        f"array_to_string(coalesce(theirs.verdicts.{action}.rules, []), ', ')"
        for action in ACTIONS
    )
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
        words = " CROSS JOIN ".join(f"(SELECT unnest({words}) AS {fact})" for fact, words in FACTS.items())
        database.execute(f"CREATE TABLE cases AS SELECT row_number() OVER ()::VARCHAR AS id, * FROM {words}")
        database.execute(f"COPY cases TO '{folder}/cases.jsonl' (FORMAT json)")
        (count,) = database.execute("SELECT count(*) FROM cases").fetchone()
        for day in editions():
            with open(f"{folder}/decisions.jsonl", "w") as decisions:
                decide = [PROGRAM, "decide", "--json", "--as-of", day, f"{folder}/cases.jsonl"]
                subprocess.run(decide, stdout=decisions, check=True)
            sql = program("rulebook", "export", "partner_center", "--to", "sql", "--as-of", day, "--reasons", "--view", "ours")
            database.execute(sql.replace("CREATE VIEW", "CREATE OR REPLACE VIEW"))
            found = database.execute(
                f"SELECT count(*), count(*) FILTER ({differences}) FROM ours JOIN read_json('{folder}/decisions.jsonl', "
                f"format='newline_delimited', columns={{id: 'VARCHAR', verdicts: 'STRUCT({verdicts})'}}) theirs USING (id)"
            ).fetchone()
            assert found == (count, 0), (day, found)
            print(f"{day}: {count} cases", flush=True)


def editions():
    return [json.loads(line)["edition"] for line in program("policy", "editions", "--json").splitlines()]


def random_cases(count):
    policies = [("partner_center", [], day) for day in [*editions(), *NOTABLE_DAYS]]
    policies += [(path, ["--rulebook", path], "2026-11-27")
                 for path in (str(RULEBOOKS / name) for name in ["veto.toml", "northwind.toml"])]
    chance = random.Random(20261127)
    with Postgres() as postgres:
        engines = [("SQLite", sqlite), ("DuckDB", duckdb), ("DataFusion", datafusion)]
        if postgres.binaries:
            engines.append(("PostgreSQL", postgres))
        else:
            print("PostgreSQL: skipped, no server is installed here")
        compared = dict.fromkeys((name for name, _ in engines), 0)
        for name, rulebook, day in policies:
            as_of = datetime.fromisoformat(day)
            for has_dates in [False, True]:
                of_day = 5 * count if day in NOTABLE_DAYS else count
                rows = [case(number, chance, as_of, has_dates) for number in range(of_day)]
                answers = expected(rows, rulebook, day, has_dates)
                refused = sum("error" in answer for answer in answers)
                assert refused < of_day / 2, refused
                options = ["--dates"] if has_dates else []
                sql = program("rulebook", "export", name, "--to", "sql", "--as-of", day, "--reasons", *options)
                for engine, run in engines:
                    compared[engine] += compare(engine, rows, answers, run(rows, sql, has_dates), has_dates)
        for engine, verdicts in compared.items():
            print(f"{engine}: {verdicts} verdicts on {len(policies)} editions are the library's")


if ROWS == "all":
    every_case()
else:
    random_cases(int(ROWS))
