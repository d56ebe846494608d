//! `scripts/demo --story`: the main job, headless, on real processes.

fn main() -> anyhow::Result<()> {
    satchel_tests::story::play()
}
