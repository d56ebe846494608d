//! Fills the demo's organisation: people through the server's own administration, records through the real protocol,
//! each written by the rep who has the client.

pub mod patches;

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use satchel_core::domain::authority::{Home, Role};
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Kind;
use satchel_core::domain::kinds::{
    business_region, client, client_category, entity_link, interaction, legal_entity, person,
};
use satchel_core::domain::patch::Patch;
use satchel_core::sync::device::Transport;
use satchel_core::sync::wire::{Frame, Outcome, Up};
use satchel_server::Office;
use serde::Serialize;

use crate::generator::{CATEGORIES, DEPARTMENTS, Firm, REGIONS, Staff, dice, staff};
use crate::harness::{Probe, group};

/// Everybody's password in the demo.
pub const PASSWORD: &str = "satchel-demo";
/// Name of the device that brought the records in; its rights end with that.
const LOADER: &str = "Первая загрузка";
/// How long the demo's links work.
const LINKS: Duration = Duration::days(30);

/// How much to make.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Clients.
    pub clients: usize,
    /// Interactions with each.
    pub interactions_each: usize,
}

impl Default for Amount {
    fn default() -> Self {
        Self { clients: 600, interactions_each: 5 }
    }
}

/// A person of the demo with links for his devices.
#[derive(Clone, Debug, Serialize)]
pub struct Somebody {
    /// His id.
    pub user: String,
    /// His name.
    pub name: String,
    /// His password.
    pub password: &'static str,
    /// One link for each device he is to have.
    pub links: Vec<String>,
}

/// What was made.
#[derive(Clone, Debug, Serialize)]
pub struct Sown {
    /// Seed of the data.
    pub seed: u64,
    /// The organisation's name.
    pub organisation: &'static str,
    /// A rep, with links for a phone and a laptop.
    pub rep: Somebody,
    /// Who supervises him.
    pub supervisor: Somebody,
    /// Who runs the server.
    pub admin: Somebody,
    /// Clients made.
    pub n_clients: usize,
    /// Interactions made.
    pub n_interactions: usize,
    /// Records made, of all kinds.
    pub n_records: usize,
}

/// Everything the work needs.
pub struct Soil<'a> {
    /// The server, without its sockets.
    pub office: &'a Office,
    /// A way to it, for each device.
    pub transport: Arc<dyn Transport>,
    /// Ids that repeat from the seed.
    pub ids: &'a dyn IdSource,
    /// The moment records say they were made.
    pub at: DateTime<Utc>,
    /// The day the data is made around.
    pub today: NaiveDate,
}

/// Makes the organisation and all that is in it. The store must be empty.
///
/// # Errors
/// Where the server refuses anything.
pub fn sow(soil: &Soil<'_>, seed: u64, amount: Amount) -> Result<Sown> {
    let organisation = "Торговый дом «Ватра»";
    let mut dice = dice(seed);
    soil.office.init_organisation(organisation, "ru").context("making the organisation")?;
    let mut departments = Vec::new();
    for (name, above) in DEPARTMENTS {
        let above = above.map(|above| departments[above]);
        departments.push(soil.office.add_department(name, above).context("adding a department")?);
    }
    let mut people = Vec::new();
    for one in staff(&mut dice) {
        let role = Role::parse(one.role).context("reading a role")?;
        let user = soil.office.add_user(&one.name, role, departments[one.department]).context("adding a person")?;
        people.push((one, user));
    }
    let find = |role: &str, department: usize| {
        let found = people.iter().find(|(one, _)| one.role == role && one.department == department);
        found.cloned().with_context(|| format!("looking for a {role}"))
    };
    let (rep, supervisor, admin) = (find("rep", 1)?, find("supervisor", 1)?, find("admin", 0)?);

    let (categories, regions) = catalogues(soil, admin.1)?;
    let reps: Vec<(Staff, UserId)> = people.iter().filter(|(one, _)| one.role == "rep").cloned().collect();
    let (mut n_records, mut n_interactions) = (categories.len() + regions.len(), 0);
    for (at, (_, user)) in reps.iter().enumerate() {
        let mut loader = loader(soil, *user)?;
        for number in (at..amount.clients).step_by(reps.len()) {
            let firm = Firm::throw(number, amount.interactions_each, soil.today, &mut dice);
            let frame = firm_group(soil, &mut loader, &firm, (categories[firm.category], regions[firm.region]), *user)?;
            n_records += n_creations(&frame);
            n_interactions += firm.contacts.len();
            loader.queue(frame);
        }
        finish(soil, loader)?;
    }

    let somebody = |(one, user): &(Staff, UserId), n_devices: usize| -> Result<Somebody> {
        let invite = |_| Ok(soil.office.invite(*user, Some(LINKS)).context("making a link")?.link);
        let links = (0..n_devices).map(invite).collect::<Result<Vec<_>>>()?;
        Ok(Somebody { user: user.to_string(), name: one.name.clone(), password: PASSWORD, links })
    };
    let mut supervisor = somebody(&supervisor, 1)?;
    let mut admin = somebody(&admin, 1)?;
    // Their first enrolment sets their password: the links are for whoever opens the demo.
    supervisor.password = PASSWORD;
    admin.password = PASSWORD;
    Ok(Sown {
        seed,
        organisation,
        rep: somebody(&rep, 2)?,
        supervisor,
        admin,
        n_clients: amount.clients,
        n_interactions,
        n_records,
    })
}

/// Regions and categories, written by the admin.
fn catalogues(soil: &Soil<'_>, admin: UserId) -> Result<(Vec<RecordId>, Vec<RecordId>)> {
    let mut loader = loader(soil, admin)?;
    let mut frame = group(GroupId(soil.ids.fresh()), soil.at);
    let (mut categories, mut regions) = (Vec::new(), Vec::new());
    for category in CATEGORIES {
        let patch = Patch::new()
            .set(client_category::NAME, category.name.to_owned())
            .set(client_category::CONTACT_EVERY, category.contact_every);
        categories.push(add(soil, &mut loader, &mut frame, &client_category::KIND, Home::Organisation, &patch)?);
    }
    for name in REGIONS {
        let patch = Patch::new().set(business_region::NAME, (*name).to_owned());
        regions.push(add(soil, &mut loader, &mut frame, &business_region::KIND, Home::Organisation, &patch)?);
    }
    loader.queue(frame);
    finish(soil, loader)?;
    Ok((categories, regions))
}

/// A client with everything that hangs on him, as one group.
///
/// # Errors
/// Where a value does not fit its field.
pub fn firm_group(
    soil: &Soil<'_>,
    loader: &mut Probe,
    firm: &Firm,
    (category, region): (RecordId, RecordId),
    user: UserId,
) -> Result<Frame<Up>> {
    let mut frame = group(GroupId(soil.ids.fresh()), soil.at);
    let id = RecordId(soil.ids.fresh());
    let home = Home::Client(id);
    let patch = patches::client(firm, Some(category), Some(region), soil.ids);
    loader.create(&mut frame, &client::KIND, id, home, &patch)?;
    let patch = patches::legal_entity(&firm.entity);
    let entity = add(soil, loader, &mut frame, &legal_entity::KIND, home, &patch)?;
    let patch = patches::entity_link(id, entity);
    add(soil, loader, &mut frame, &entity_link::KIND, home, &patch)?;
    let mut people = Vec::new();
    for human in &firm.people {
        let patch = patches::person(human, soil.ids);
        people.push(add(soil, loader, &mut frame, &person::KIND, home, &patch)?);
    }
    for (at, contact) in firm.contacts.iter().enumerate() {
        let with = people.get(at % people.len().max(1)).copied();
        let patch = patches::interaction(contact, with, user, soil.ids);
        add(soil, loader, &mut frame, &interaction::KIND, home, &patch)?;
    }
    Ok(frame)
}

fn add(
    soil: &Soil<'_>,
    loader: &mut Probe,
    frame: &mut Frame<Up>,
    kind: &Kind,
    home: Home,
    patch: &Patch,
) -> Result<RecordId> {
    let id = RecordId(soil.ids.fresh());
    loader.create(frame, kind, id, home, patch)?;
    Ok(id)
}

fn loader(soil: &Soil<'_>, user: UserId) -> Result<Probe> {
    let link = soil.office.invite(user, None).context("making a link")?.link;
    Probe::enrol(soil.transport.clone(), &link, PASSWORD, LOADER)
}

/// Sends what is queued, sees that all of it is taken in, and ends the loader's rights.
fn finish(soil: &Soil<'_>, mut loader: Probe) -> Result<()> {
    for (group, outcome) in loader.push(soil.ids)? {
        if outcome != Outcome::Accepted {
            bail!("group {group} was not taken in: {outcome:?}");
        }
    }
    soil.office.revoke_device(loader.identity.device, None).context("ending the loader's rights")
}

fn n_creations(frame: &Frame<Up>) -> usize {
    use satchel_core::sync::wire::Item;
    match &frame.message {
        Up::Group(group) => group.items.iter().filter(|item| matches!(item, Item::Create { .. })).count(),
        Up::Hello(_) | Up::Credit(_) => 0,
    }
}
