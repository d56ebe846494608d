//! The file `serve` may be set up by: one `name = value` a line, `#` begins a remark. What the environment or a flag
//! says goes before it; a name there is not is an error.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::arguments::Serve;

/// Names the file may use, those of the flags.
const NAMES: [&str; 5] = ["data", "listen", "public-url", "behind-tls-proxy", "metrics"];
/// Where it listens if nobody says.
const LISTEN: &str = "127.0.0.1:8080";

/// How to serve, once file, environment and flags were heard.
#[derive(Debug, PartialEq, Eq)]
pub struct Serving {
    pub data: PathBuf,
    pub listen: SocketAddr,
    pub public_url: Option<String>,
    pub behind_tls_proxy: bool,
    pub metrics: Option<SocketAddr>,
}

impl Serving {
    /// Joins what was said on the command line and in the environment with the file, where there is one.
    pub fn of(said: Serve) -> anyhow::Result<Self> {
        let file = match &said.config {
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
                File::parse(&text).with_context(|| format!("reading {}", path.display()))?
            }
            None => File::default(),
        };
        let address = |name: &str| -> anyhow::Result<Option<SocketAddr>> {
            let found =
                file.get(name).map(|text| text.parse().with_context(|| format!("{name} is no address: {text}")));
            found.transpose()
        };
        let (listen, metrics) = (address("listen")?, address("metrics")?);
        let behind_tls_proxy = match file.get("behind-tls-proxy") {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => bail!("behind-tls-proxy is true or false, not {other}"),
        };
        let usual = LISTEN.parse().context("reading the usual address")?;
        let Some(data) = said.data.or_else(|| file.get("data").map(PathBuf::from)) else {
            bail!("say where the data is: --data, SATCHEL_DATA or `data` in the file");
        };
        let metrics = said.metrics.or(metrics);
        if let Some(address) = metrics.filter(|address| !address.ip().is_loopback()) {
            bail!("{address} is not a loopback address: metrics are for this machine");
        }
        Ok(Self {
            data,
            listen: said.listen.or(listen).unwrap_or(usual),
            public_url: said.public_url.or_else(|| file.get("public-url").map(str::to_owned)),
            behind_tls_proxy: said.behind_tls_proxy || behind_tls_proxy,
            metrics,
        })
    }
}

/// What a file says.
#[derive(Default)]
struct File(Vec<(String, String)>);

impl File {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut said: Vec<(String, String)> = Vec::new();
        for (n, line) in text.lines().enumerate().map(|(idx, line)| (idx + 1, line.trim())) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let Some((name, value)) = line.split_once('=') else { bail!("line {n} is no `name = value`") };
            // The names of the environment's variables are understood as well.
            let name = name.trim().replace('_', "-").to_lowercase();
            if !NAMES.contains(&name.as_str()) {
                bail!("line {n}: there is no setting `{name}`; did you mean `{}`?", nearest(&name));
            }
            if said.iter().any(|(other, _)| *other == name) {
                bail!("line {n}: `{name}` was said before");
            }
            said.push((name, value.trim().trim_matches('"').to_owned()));
        }
        Ok(Self(said))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn nearest(name: &str) -> &'static str {
    NAMES.into_iter().min_by_key(|known| distance(known, name)).unwrap_or(NAMES[0])
}

/// How many letters have to be added, taken away or replaced to make one of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (idx, letter) in one.chars().enumerate() {
        let mut above = std::mem::replace(&mut row[0], idx + 1);
        for at in 0..other.len() {
            let replaced = above + usize::from(other[at] != letter);
            above = row[at + 1];
            row[at + 1] = replaced.min(above + 1).min(row[at] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, flags: impl FnOnce(&mut Serve)) -> anyhow::Result<Serving> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("satchel.conf");
        std::fs::write(&path, text).unwrap();
        let mut serve = Serve { config: Some(path), ..Serve::default() };
        flags(&mut serve);
        Serving::of(serve)
    }

    #[test]
    fn what_a_flag_says_goes_before_the_file() {
        let text = "# ours\ndata = \"/srv/satchel\"\nlisten = 127.0.0.1:9000\npublic_url=https://crm.example.com\n";
        let serving = said(text, |flags| flags.listen = Some("127.0.0.1:9001".parse().unwrap())).unwrap();
        assert_eq!(serving.data, PathBuf::from("/srv/satchel"));
        assert_eq!(serving.listen.port(), 9001);
        assert_eq!(serving.public_url.as_deref(), Some("https://crm.example.com"));
        assert!(!serving.behind_tls_proxy && serving.metrics.is_none());
    }

    #[test]
    fn a_setting_there_is_not_is_an_error_that_names_the_nearest() {
        for (wrong, nearest) in [("lisen", "listen"), ("public-uri", "public-url"), ("metric", "metrics")] {
            let error = said(&format!("data = /srv\n{wrong} = x\n"), |_| {}).unwrap_err();
            let text = format!("{error:#}");
            assert!(text.contains("line 2") && text.contains(&format!("did you mean `{nearest}`")), "{text}");
        }
        for wrong in [
            "data = /srv\ndata = /other",
            "data",
            "data = /srv\nbehind-tls-proxy = maybe",
            "data = /srv\nlisten = here",
        ] {
            said(wrong, |_| {}).unwrap_err();
        }
        said("", |_| {}).unwrap_err();
    }

    #[test]
    fn metrics_are_for_this_machine_only() {
        assert!(said("data = /srv\nmetrics = 0.0.0.0:9100", |_| {}).is_err());
        assert_eq!(said("data = /srv\nmetrics = 127.0.0.1:9100", |_| {}).unwrap().metrics.unwrap().port(), 9100);
    }
}
