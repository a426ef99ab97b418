# Two commands: `make run` and `make test`. Everything stays in .venv/ and var/ beside this file.
# Paths are relative and tools are called as modules, so the folder may have any name and may be moved.

PORT ?= 8000
PYTHON ?=
PY := .venv/bin/python
export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# `make run` is a demonstration on this machine: debugging on, a database and settings of its own whatever .env and the
# environment say, and a key that keeps sign-ins over a restart.
DEMO := DATABASE_URL=sqlite:///var/demo.sqlite3 ALLOWED_HOSTS=localhost,127.0.0.1 EMAIL_URL= CACHE_URL= SITE_URL= DEFAULT_PLAN=kodaira-2 \
  DJANGO_RUNSERVER_HIDE_WARNING=true DEBUG=1 HTTPS=0 SECRET_KEY=only-for-make-run-on-this-machine-not-for-a-server $(PY) manage.py

.NOTPARALLEL:
.PHONY: help run test soak bench lint format lock clean port runtime dev

help: ## この一覧を表示します
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /make \1	/' | expand -t 14

run: port runtime ## 準備をすべて行い、http://127.0.0.1:8000/ で動かします（PORT=8123 で変更）
	@$(DEMO) refuse_production
	@$(DEMO) set_aside_older
	@$(DEMO) migrate --verbosity 0
	@$(DEMO) load_official
	@$(DEMO) load_sample
	@$(DEMO) demo_accounts
	@echo "http://127.0.0.1:$(PORT)/        市民のページ"
	@echo "http://127.0.0.1:$(PORT)/admin/  職員のページ（止めるときは Ctrl+C）"
	@$(DEMO) serve 127.0.0.1:$(PORT)

test: dev ## 書式と型の検査と、長いものを除くテストを実行します
	@$(PY) -m tests.run

soak: dev ## 長い検査（千の無作為な計画など）と、make test が片方で済ませたテストをもう片方のデータベースで実行します
	@$(PY) -m tests.run soak

bench: runtime ## 速さとメモリーを計ります（計測用のデータベースを作り、終わると消します）
	@$(PY) manage.py bench

lint: dev ## 書式と型だけを検査します
	@$(PY) -m tests.run lint

format: dev ## Python の書式をそろえます
	@$(PY) -m ruff check --fix --quiet .
	@$(PY) -m ruff format .

lock: dev ## requirements*.in から requirements*.txt を作り直します
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.in -o requirements-dev.txt

clean: ## 仮想環境とテストの跡を消します（データは消しません）
	rm -rf .venv var/test .pytest_cache .mypy_cache .ruff_cache .hypothesis

# A candidate counts only if it really starts (version managers leave stubs that don't) and can make environments. The
# distribution's comes first: it is built with optimisation, which what version managers compile often is not (docs/decisions/0056).
define FIND_PYTHON
for candidate in "$(PYTHON)" /usr/bin/python3 python3.13 python3.12 python3.11 python3; do \
  if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1; \
  then found="$$candidate"; break; fi; \
done; \
if [ -z "$$found" ]; then \
  echo "Python 3.11・3.12・3.13 のどれも見つかりません。" \
       "python3 と python3-venv を入れるか、make PYTHON=/path/to/python3.11 のように場所を指定してください。" >&2; exit 1; \
fi
endef

define PORT_IS_FREE
import socket, sys
try:
    port = int(sys.argv[1])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
except (ValueError, OverflowError):
    sys.exit(f"PORT={sys.argv[1]} はポート番号ではありません。make run PORT=8123 のように 1024 から 65535 の数を指定してください。")
except OSError as error:
    sys.exit(f"ポート {port} は使えません（{error.strerror}）。ほかのプログラムを止めるか、make run PORT={port + 1} のように別の番号を指定してください。")
endef
export PORT_IS_FREE

port:
	@if $(PY) -c '' 2>/dev/null; then found=$(PY); else $(FIND_PYTHON); fi; "$$found" -c "$$PORT_IS_FREE" "$(PORT)"

# Installs a lock file when it is not, byte for byte, what was installed last.
define INSTALL
@if ! $(PY) -c 'import pip' >/dev/null 2>&1; then \
  $(FIND_PYTHON); \
  echo "仮想環境 .venv を作っています（`$$found --version`）…"; \
  rm -rf .venv && "$$found" -m venv .venv || { rm -rf .venv; exit 1; }; \
fi
@if ! cmp -s $(1) .venv/installed-$(1); then \
  echo "必要な部品を入れています（$(1)）…"; \
  $(PY) -m pip install --quiet --require-hashes --requirement $(1) && cp $(1) .venv/installed-$(1); \
fi
endef

runtime:
	$(call INSTALL,requirements.txt)

dev:
	$(call INSTALL,requirements-dev.txt)
