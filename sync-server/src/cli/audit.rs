//! `audit`: what was done, and whether the record of it still holds (AUD-1).

use anyhow::bail;
use serde_json::{Value, json};

use super::arguments::AuditTask;
use super::commands::opened;
use super::print;
use crate::storage::{AuditVerdict, Tampering};

pub fn audit(task: AuditTask) -> anyhow::Result<()> {
    match task {
        AuditTask::List { common, limit } => {
            let rows = opened(&common)?.storage().audit_rows(limit)?;
            let rows: Vec<Value> = rows
                .iter()
                .map(|row| {
                    let subject: String = row.subject.iter().map(|byte| format!("{byte:02x}")).collect();
                    json!({ "at": row.at, "user": row.user, "device": row.device, "action": row.action,
                            "subject": subject })
                })
                .collect();
            print::list(common.json, &rows, &["at", "action", "user", "device", "subject"]);
            Ok(())
        }
        AuditTask::Verify { common, noted } => {
            let verdict = opened(&common)?.storage().verify_audit(noted.as_ref())?;
            print::one(common.json, &shown(&verdict), &format!("{} {}", verdict.head.n, words(&verdict)));
            match verdict.tampering {
                None => Ok(()),
                Some(_) => bail!("the audit was tampered with"),
            }
        }
    }
}

/// A verdict in JSON.
pub fn shown(verdict: &AuditVerdict) -> Value {
    let (tampering, row, to) = match verdict.tampering {
        None => (None, None, None),
        Some(Tampering::Altered(n)) => (Some("altered"), Some(n), None),
        Some(Tampering::Missing(n)) => (Some("missing"), Some(n), None),
        Some(Tampering::Truncated { from, to }) => (Some("truncated"), Some(from), Some(to)),
        Some(Tampering::Rewritten(n)) => (Some("rewritten"), Some(n), None),
        Some(Tampering::Seal) => (Some("seal"), None, None),
    };
    json!({ "ok": verdict.tampering.is_none(), "rows": verdict.head.n, "head": verdict.head.to_string(),
            "tampering": tampering, "row": row, "to": to })
}

/// A verdict for people.
pub fn words(verdict: &AuditVerdict) -> String {
    match verdict.tampering {
        None => format!("rows hold; head {}", verdict.head),
        Some(Tampering::Altered(n)) => format!("rows hold; row {n} was altered"),
        Some(Tampering::Missing(n)) => format!("rows hold; row {n} is missing"),
        Some(Tampering::Truncated { from, to }) => format!("rows hold; rows {from} to {to} were cut off the end"),
        Some(Tampering::Rewritten(n)) => {
            format!("rows hold, but not the ones noted: row {n} or one before was rewritten")
        }
        Some(Tampering::Seal) => "rows hold; the seal on the last is not this server's".to_owned(),
    }
}
