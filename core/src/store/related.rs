//! What belongs to a record: what lives under a client, and what points at the record from its declared fields.

use rusqlite::types::Value as Sql;

use super::cells;
use super::conditions::blob;
use super::documents;
use super::error::StoreError;
use super::lists::{RowPage, page};
use super::open::Store;
use super::views::Layout;
use crate::domain::ids::RecordId;
use crate::domain::kind::{FieldType, HomeRule};
use crate::domain::kinds::entity_link;

/// Records that belong to another one in one way.
#[derive(Clone, Debug)]
pub struct Related {
    /// Their kind.
    pub kind: &'static str,
    /// The field in which they name it; `None` where they live under it.
    pub field: Option<&'static str>,
    /// How many, and the first of them.
    pub page: RowPage,
}

impl Store {
    /// The clients a legal entity stands for on this device, by links in sight, each once.
    ///
    /// # Errors
    /// Those of the database.
    pub fn partners_of(&self, entity: RecordId) -> Result<Vec<RecordId>, StoreError> {
        let layout = self.layouts().need(entity_link::KIND.key)?;
        let sql = format!(
            "SELECT DISTINCT client FROM {} WHERE {} = ? AND trashed = 0 AND client IS NOT NULL ORDER BY client",
            layout.table,
            Layout::column(entity_link::LEGAL_ENTITY.key())
        );
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&sql)?;
            let rows = statement.query_map([entity.bytes()], |row| cells::id(row, 0).map(RecordId))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Everything that belongs to a record, by kind and field; ways in which nothing does are left out.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn related(&self, id: RecordId, limit: u32) -> Result<Vec<Related>, StoreError> {
        self.read(|conn| {
            let (_, kind, client) = documents::place(conn, id)?.ok_or(StoreError::NotFound)?;
            let own_home = self.layouts().need(&kind)?.kind.home == HomeRule::OwnClient;
            let mut related = Vec::new();
            for layout in self.layouts().iter() {
                let under = own_home && layout.kind.home.under_client();
                if under {
                    let conditions = " WHERE v.client = ? AND v.trashed <> 1";
                    let values = vec![blob(id.bytes())];
                    related.push((layout, None, conditions.to_owned(), values));
                }
                let fields = layout.kind.fields.iter();
                for field in fields.filter(|field| matches!(field.field_type, FieldType::Reference(to) if to == kind)) {
                    let column = Layout::column(field.key);
                    let (mut conditions, value) = match field.many {
                        false => (format!(" WHERE v.trashed = 0 AND v.{column} = ?"), blob(id.bytes())),
                        true => (
                            format!(
                                " WHERE v.trashed = 0 AND EXISTS (SELECT 1 FROM json_each(coalesce(v.{column}, '[]')) e
                                    WHERE json_extract(e.value, '$[1]') = ?)"
                            ),
                            Sql::Text(id.to_string()),
                        ),
                    };
                    let mut values = vec![value];
                    if under {
                        // Shown among what lives under it.
                        conditions += " AND v.client IS NOT ?";
                        values.push(blob(id.bytes()));
                    } else if let (Some(client), true) = (client, layout.kind.home.under_client()) {
                        // What lives under a client is named under the same client only.
                        conditions += " AND v.client = ?";
                        values.push(blob(client.bytes()));
                    }
                    related.push((layout, Some(field.key), conditions, values));
                }
            }
            let mut found = Vec::new();
            for (layout, field, conditions, values) in related {
                let page = page(conn, layout, &conditions, " ORDER BY v.title_key, v.n", values, 0, limit)?;
                if page.total > 0 {
                    found.push(Related { kind: layout.kind.key, field, page });
                }
            }
            Ok(found)
        })
    }
}
