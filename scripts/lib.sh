# What the scripts share; sourced, never run. Leaves the caller in the root of the project.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Nothing here needs to compile again by parts where everything is thrown away afterwards.
if [ -n "${CI:-}" ]; then export CARGO_INCREMENTAL=0; fi
target=${CARGO_TARGET_DIR:-target}

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# step WORDS COMMAND…: runs the command and says how long it took.
step() {
	local words=$1 begun=$SECONDS
	shift
	say "── $words"
	"$@" || fail "── $words: failed after $((SECONDS - begun)) s"
	say "── $words: $((SECONDS - begun)) s"
}

# The two selections of packages. Any other would compile a third of the tree again.
core_selection=(--workspace --exclude satchel-app)
whole_selection=(--workspace --features satchel-app/custom-protocol)

# The interface as the shells serve it; built again only where something it is made from is newer.
build_ui() {
	local page=ui/build/index.html
	if [ -f "$page" ] && [ -z "$(find ui/src ui/static ui/messages ui/package-lock.json ui/*.config.* ui/guide.mjs docs/guide ui/project.inlang/settings.json \
		\( -path ui/src/lib/paraglide -o -path ui/static/guide \) -prune -o -type f -newer "$page" -print -quit)" ]; then
		return
	fi
	npm --prefix ui run --silent build -- --logLevel warn
}

# Ends the given processes, and only those, and waits for them.
end() {
	local pid
	for pid in "$@"; do kill -TERM "$pid" 2>/dev/null || true; done
	for pid in "$@"; do wait "$pid" 2>/dev/null || true; done
}
