//! What happens, act by act.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::device::{Device, PASSPHRASE};
use crate::harness::Proxy;
use crate::processes::{Process, office, program};
use crate::tap::pages_of;

/// Named in the client's record only; found wherever a byte of it lies.
const ROMASHKA: &str = "МАРКЕР-РОМАШКА-5f1c";
/// The client of a rep of another department.
const FOREIGN: &str = "МАРКЕР-ЧУЖОЙ-9b27";
const PASSWORD: &str = "пароль рассказа";

/// Plays the whole story in a folder that is gone afterwards.
///
/// # Errors
/// The first fact that does not hold.
pub fn play() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let mut stage = Stage::open(dir.path())?;
    stage.a_client_made_offline()?;
    stage.the_server_dies_in_mid_push()?;
    stage.two_devices_merge()?;
    stage.nobody_receives_a_foreign_client()?;
    stage.a_visit_is_handed_over()?;
    stage.two_supervisors_contradict_each_other()?;
    stage.the_client_leaves_annas_phone()?;
    stage.a_late_edit_becomes_a_proposal()?;
    stage.a_lost_device_is_revoked()?;
    println!("\nThe story holds: {} facts read back from the devices.", stage.n_facts);
    Ok(())
}

struct Actor {
    device: Device,
    proxy: Proxy,
}

struct Stage {
    dir: PathBuf,
    address: SocketAddr,
    server: Arc<Mutex<Option<Process>>>,
    phone: Actor,
    laptop: Actor,
    bohdan: Actor,
    stranger: Actor,
    olena: Actor,
    petro: Actor,
    people: Vec<(String, String)>,
    client: String,
    n_facts: u32,
}

impl Stage {
    fn open(dir: &Path) -> Result<Self> {
        println!("A server and six devices, each a process of its own, in {}", dir.display());
        let data = dir.join("server");
        let init = [
            "init",
            "--name",
            "Рассказ",
            "--language",
            "ru",
            "--department",
            "Север",
            "--department",
            "Юг",
            "--admin",
            "Админ",
        ];
        office(&data, &init)?;
        let people = [
            ("Анна", "rep", "Север"),
            ("Богдан", "rep", "Север"),
            ("Виктор", "rep", "Север"),
            ("Юрий", "rep", "Юг"),
            ("Олена", "supervisor", "Север"),
            ("Пётр", "supervisor", "Север"),
        ];
        let mut ids = Vec::new();
        for (name, role, department) in people {
            let made = office(&data, &["user", "add", "--name", name, "--role", role, "--department", department])?;
            ids.push((name.to_owned(), text(&made, "id")?));
        }
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let server = Arc::new(Mutex::new(Some(serve(&data, address)?)));
        let actor = |folder: &str, person: &str| -> Result<Actor> {
            let proxy = Proxy::open(address)?;
            let user = &ids.iter().find(|(name, _)| name == person).context("nobody of that name")?.1;
            let invited = office(&data, &["user", "invite", user, "--url", &proxy.url])?;
            let device = Device::start(folder, &dir.join(folder))?;
            let link = text(&invited, "link")?;
            let enrol = json!({ "link": link, "password": PASSWORD, "device_name": folder, "passphrase": PASSPHRASE });
            device.ipc("enrol", enrol)?;
            device.until_synced()?;
            println!("  {person} has enrolled \"{folder}\"");
            Ok(Actor { device, proxy })
        };
        Ok(Self {
            phone: actor("anna-phone", "Анна")?,
            laptop: actor("anna-laptop", "Анна")?,
            bohdan: actor("bohdan", "Богдан")?,
            stranger: actor("yuriy", "Юрий")?,
            olena: actor("olena", "Олена")?,
            petro: actor("petro", "Пётр")?,
            dir: data,
            address,
            server,
            people: ids,
            client: String::new(),
            n_facts: 0,
        })
    }

    fn person(&self, name: &str) -> Result<&str> {
        let found = self.people.iter().find(|(known, _)| known == name);
        Ok(found.context("nobody of that name")?.1.as_str())
    }

    /// A fact is printed only after it was read back.
    fn fact(&mut self, holds: bool, what: &str) -> Result<()> {
        ensure!(holds, "this does not hold: {what}");
        self.n_facts += 1;
        println!("  ✓ {what}");
        Ok(())
    }

    fn card(&self, actor: &Actor) -> Result<Value> {
        actor.device.ipc("client_card", json!({ "client": self.client }))
    }

    fn a_client_made_offline(&mut self) -> Result<()> {
        println!("\nAnna's phone has no network. She makes a client, finds it, and logs a call.");
        self.phone.proxy.cut(true);
        let made = self.phone.device.ipc(
            "create_client",
            json!({
                "client": { "name": format!("ТОВ {ROMASHKA}"), "city": "Київ", "note": format!("Вход со двора, {ROMASHKA}"),
                            "phones": [{ "value": "+380 44 123-45-67", "label": "work" }] },
                "legal_entity": { "entity_kind": "legal_entity", "country": "ua", "registry_number": "14360570" }
            }),
        )?;
        self.client = text(&made, "id")?;
        for (words, part) in [
            ("маркер-ромашка", "the name"),
            ("2345", "the phone"),
            ("436057", "the registry number"),
            ("двора", "the note"),
        ] {
            let hits = self.phone.device.ipc("search", json!({ "text": words, "limit": 10 }))?;
            let found = list(&hits).iter().any(|hit| hit["id"] == *self.client || hit["client"]["id"] == *self.client);
            self.fact(found, &format!("the client is found by part of {part}"))?;
        }
        self.phone.device.ipc(
            "log_interaction",
            json!({ "client": self.client, "channel": "call", "outcome": "agreed", "result": "Ждёт предложение",
                    "next": { "day": "2030-01-15", "starts_at": "2030-01-15T08:00:00Z", "channel": "open" } }),
        )?;
        let status = self.phone.device.ipc("status", json!({}))?;
        self.fact(
            status["sync"]["n_waiting"].as_u64() >= Some(2),
            "everything is saved on this device and marked not sent",
        )?;
        self.phone.device.restart()?;
        let card = self.card(&self.phone)?;
        self.fact(
            list(&card["history"]).len() == 1 && list(&card["planned"]).len() == 1,
            "after SIGKILL the call and the next contact are still there",
        )
    }

    fn the_server_dies_in_mid_push(&mut self) -> Result<()> {
        println!("\nThe network is back, and the server is killed in the middle of the push.");
        let server = Arc::clone(&self.server);
        self.phone.proxy.strike_in_next_push(move || {
            if let Some(process) = server.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take() {
                process.kill();
            }
        });
        self.phone.proxy.cut(false);
        let proxy = self.phone.proxy.clone();
        self.phone.device.until("the server has been killed", move |_| Ok(proxy.has_struck()))?;
        let status = self.phone.device.ipc("status", json!({}))?;
        self.fact(
            status["sync"]["n_waiting"].as_u64() >= Some(2),
            "the phone still has everything and says it is not sent",
        )?;
        let again = serve(&self.dir, self.address)?;
        *self.server.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(again);
        self.phone.device.until_synced()?;
        self.laptop.device.until_synced()?;
        let client = self.client.clone();
        self.laptop.device.until("the client on the laptop", |device| {
            Ok(device.try_ipc("client_card", json!({ "client": client }))?.is_ok())
        })?;
        let card = self.card(&self.laptop)?;
        self.fact(
            list(&card["history"]).len() == 1 && list(&card["planned"]).len() == 1,
            "the laptop has the client, the call and the plan, once each",
        )?;
        self.fact(list(&card["legal_entities"]).len() == 1, "and the legal entity")?;
        self.fact(
            self.laptop.proxy.received_marker(ROMASHKA),
            "the wire tap finds the client's marker in what the laptop received",
        )
    }

    fn two_devices_merge(&mut self) -> Result<()> {
        println!("\nBoth devices edit the client offline.");
        self.phone.proxy.cut(true);
        self.laptop.proxy.cut(true);
        let edit = |actor: &Actor, field: &str, seen: Value, value: &str| {
            let argument =
                json!({ "kind": "client", "id": self.client, "seen": { field: seen }, "changed": { field: value } });
            actor.device.ipc("edit", argument)
        };
        edit(&self.phone, "address", Value::Null, "вул. Хрещатик, 1")?;
        edit(&self.laptop, "source", Value::Null, "выставка")?;
        edit(&self.phone, "city", json!("Київ"), "Львів")?;
        edit(&self.laptop, "city", json!("Київ"), "Одеса")?;
        self.phone.proxy.cut(false);
        self.phone.device.until_synced()?;
        self.laptop.proxy.cut(false);
        let has_review = |device: &Device| Ok(list(&device.ipc("reviews", json!({}))?).len() == 1);
        self.laptop.device.until("the conflict on the laptop", has_review)?;
        self.phone.device.until("the conflict on the phone", has_review)?;
        let (a, b) = (self.card(&self.phone)?, self.card(&self.laptop)?);
        let fields = |card: &Value| card["record"]["fields"].clone();
        self.fact(
            fields(&a)["address"] == "вул. Хрещатик, 1" && fields(&a)["source"] == "выставка",
            "edits of different fields merged silently",
        )?;
        self.fact(fields(&a)["city"] == fields(&b)["city"], "both devices show the same town meanwhile")?;
        let reviews = self.phone.device.ipc("reviews", json!({}))?;
        let values: Vec<_> = list(&reviews[0]["values"]).iter().map(|one| one["value"].clone()).collect();
        self.fact(
            values.contains(&json!("Львів")) && values.contains(&json!("Одеса")),
            "and both typed towns wait for a decision",
        )?;
        self.phone
            .device
            .ipc("choose", json!({ "kind": "client", "id": self.client, "field": "city", "value": "Львів" }))?;
        self.laptop
            .device
            .until("the decision on the laptop", |device| Ok(list(&device.ipc("reviews", json!({}))?).is_empty()))?;
        let card = self.card(&self.laptop)?;
        self.fact(fields(&card)["city"] == "Львів", "the choice made on the phone is on the laptop")
    }

    fn nobody_receives_a_foreign_client(&mut self) -> Result<()> {
        println!("\nYuriy of the other department makes a client of his own.");
        let fields = json!({ "name": format!("ООО {FOREIGN}"), "note": FOREIGN });
        self.stranger.device.ipc("create_client", json!({ "client": fields, "legal_entity": {} }))?;
        self.stranger.device.until_synced()?;
        for name in ["phone", "laptop", "bohdan", "olena", "petro"] {
            let actor = self.actor(name);
            actor.device.until_synced()?;
            let (n, leaked) = (actor.proxy.n_received(), actor.proxy.received_marker(FOREIGN));
            self.fact(!leaked, &format!("none of the {n} bytes {name} ever received holds it"))?;
        }
        let hits = self.stranger.device.ipc("search", json!({ "text": ROMASHKA, "limit": 5 }))?;
        self.fact(
            list(&hits).is_empty() && !self.stranger.proxy.received_marker(ROMASHKA),
            "and Yuriy never received Anna's",
        )
    }

    fn actor(&self, name: &str) -> &Actor {
        match name {
            "phone" => &self.phone,
            "laptop" => &self.laptop,
            "bohdan" => &self.bohdan,
            "olena" => &self.olena,
            _ => &self.petro,
        }
    }

    fn a_visit_is_handed_over(&mut self) -> Result<()> {
        println!("\nAnna cannot make the planned contact and redirects it to Bohdan.");
        let card = self.card(&self.phone)?;
        let interaction = text(&card["planned"][0], "id")?;
        let to = self.person("Богдан")?.to_owned();
        let order =
            json!({ "order": "redirect_interaction", "interaction": interaction, "to": to, "comment": "Не успеваю" });
        self.phone.device.ipc("give_order", json!({ "order": order }))?;
        self.phone.device.until_synced()?;
        let today = |device: &Device| device.ipc("today", json!({ "zone": "Europe/Kyiv" }));
        self.bohdan
            .device
            .until("the visit in Bohdan's plan", |device| Ok(!list(&today(device)?["planned"]).is_empty()))?;
        let row = today(&self.bohdan.device)?["planned"][0].clone();
        self.fact(row["id"] == *interaction, "it stands in Bohdan's Today")?;
        let history = &row["hand_overs"];
        self.fact(
            list(history).len() == 1 && history[0]["from"]["name"] == "Анна" && history[0]["comment"] == "Не успеваю",
            "with the history of the hand-over",
        )?;
        let refused = self
            .bohdan
            .device
            .try_ipc("edit", json!({ "kind": "client", "id": self.client, "seen": {}, "changed": { "city": "Х" } }))?;
        self.fact(refused.is_err(), "Bohdan sees the client for it and may not edit its card")
    }

    fn two_supervisors_contradict_each_other(&mut self) -> Result<()> {
        println!("\nOlena, offline, moves the client to Bohdan; meanwhile Petro gives it to Viktor.");
        for actor in [&self.olena, &self.petro] {
            let client = self.client.clone();
            actor.device.until("the client at the supervisors", |device| {
                Ok(device.try_ipc("client_card", json!({ "client": client }))?.is_ok())
            })?;
        }
        let dir = self.phone.device.dir().to_owned();
        let key = satchel_core::app::unwrap_database_key(&dir, PASSPHRASE).context("opening the phone's key")?;
        let before = pages_of(&database_in(&dir)?, Some(&key))?.hold(ROMASHKA.as_bytes());
        self.fact(
            before,
            "while Anna has the client, its marker is found in the decrypted pages of her phone's database",
        )?;
        // Anna's laptop stays away from here on, with an edit nobody has seen.
        self.laptop.device.until_synced()?;
        self.laptop.proxy.cut(true);
        let late = json!({ "kind": "client", "id": self.client, "seen": { "website": null }, "changed": { "website": "https://romashka.example" } });
        self.laptop.device.ipc("edit", late)?;

        self.olena.proxy.cut(true);
        let client = self.client.clone();
        let order = |to: &str| json!({ "order": "move_clients", "clients": [client], "to": to, "reason": "other" });
        let rehearsal = self.olena.device.ipc("rehearse", json!({ "order": order(self.person("Богдан")?) }))?;
        let (n_clients, as_of) = (list(&rehearsal["clients"]).len(), rehearsal["as_of"].is_string());
        let given = self
            .olena
            .device
            .ipc("give_order", json!({ "order": order(self.person("Богдан")?), "confirmed": rehearsal }))?;
        self.fact(n_clients == 1 && as_of, "the rehearsal says one client, as of the last contact")?;
        self.fact(given["state"] == "pending", "the order waits to be sent")?;

        self.petro.device.ipc("give_order", json!({ "order": order(self.person("Виктор")?) }))?;
        self.petro.device.until_synced()?;
        self.olena.proxy.cut(false);
        self.olena.device.until("Olena's order sent back", |device| {
            Ok(device.ipc("orders", json!({}))?[0]["state"] == "needs_confirmation")
        })?;
        // The verdict comes before the page that tells what it met.
        let client = self.client.clone();
        self.olena.device.until("Viktor on Olena's card", |device| {
            let card = device.try_ipc("client_card", json!({ "client": client }))?;
            Ok(card.is_ok_and(|card| card["responsible"]["name"] == "Виктор"))
        })?;
        let responsible = self.card(&self.olena)?["responsible"]["name"].clone();
        self.fact(responsible == "Виктор", "Olena's order came back: the client is with Viktor by now")?;
        let item = text(&given, "id")?;
        self.olena.device.ipc("confirm_item", json!({ "id": item }))?;
        self.olena.device.until("the order applied", |device| {
            Ok(list(&device.ipc("orders", json!({}))?).iter().any(|order| order["state"] == "applied"))
        })?;
        let client = self.client.clone();
        self.bohdan.device.until("the client at Bohdan's", |device| {
            Ok(device
                .try_ipc("client_card", json!({ "client": client }))?
                .is_ok_and(|card| card["responsible"]["name"] == "Богдан"))
        })?;
        let card = self.card(&self.bohdan)?;
        self.fact(list(&card["history"]).len() == 1, "she confirms; Bohdan has the client, history included")
    }

    fn the_client_leaves_annas_phone(&mut self) -> Result<()> {
        println!("\nThe client has left Anna.");
        let (dir, client) = (self.phone.device.dir().to_owned(), self.client.clone());
        let key = satchel_core::app::unwrap_database_key(&dir, PASSPHRASE).context("opening the phone's key")?;
        let database = database_in(&dir)?;
        self.phone.device.until("the client gone from the phone", |device| {
            Ok(device.try_ipc("client_card", json!({ "client": client }))?.is_err())
        })?;
        self.phone.device.until_synced()?;
        let notices = self.phone.device.ipc("notices", json!({}))?;
        self.fact(
            list(&notices).iter().any(|notice| notice["what"] == "client_left"),
            "the phone says that it went and why",
        )?;
        self.fact(
            !pages_of(&database, Some(&key))?.hold(ROMASHKA.as_bytes()),
            "no page of the phone's database or log holds the marker, free pages included",
        )
    }

    fn a_late_edit_becomes_a_proposal(&mut self) -> Result<()> {
        println!("\nThe laptop comes back with an edit made before it knew.");
        self.laptop.proxy.cut(false);
        let client = self.client.clone();
        self.laptop.device.until("the client gone from the laptop", |device| {
            Ok(device.try_ipc("client_card", json!({ "client": client }))?.is_err())
        })?;
        let notices = self.laptop.device.ipc("notices", json!({}))?;
        self.fact(
            list(&notices).iter().any(|notice| notice["what"] == "edit_set_aside"),
            "the laptop says the edit waits for a decision",
        )?;
        let left = list(&notices).iter().find(|notice| notice["what"] == "client_left").cloned().unwrap_or_default();
        self.fact(left["params"]["n_set_aside"] == "1", "and the message about the client counts it")?;
        self.bohdan
            .device
            .until("the proposal at Bohdan's", |device| Ok(!list(&device.ipc("proposals", json!({}))?).is_empty()))?;
        let proposals = self.bohdan.device.ipc("proposals", json!({}))?;
        self.fact(
            proposals[0]["after"]["website"] == "https://romashka.example" && proposals[0]["author"]["name"] == "Анна",
            "Bohdan sees what Anna typed",
        )?;
        let order = json!({ "order": "accept_proposal", "proposal": proposals[0]["id"] });
        self.bohdan.device.ipc("give_order", json!({ "order": order }))?;
        self.bohdan.device.until("the accepted value", |device| {
            let card = device.ipc("client_card", json!({ "client": self.client }))?;
            Ok(card["record"]["fields"]["website"] == "https://romashka.example")
        })?;
        self.fact(true, "he accepts, and his card has it")?;
        self.laptop.device.until("the receipt", |device| {
            Ok(list(&device.ipc("notices", json!({}))?).iter().any(|notice| notice["what"] == "edit_accepted"))
        })?;
        self.fact(true, "Anna's laptop has the receipt")
    }

    fn a_lost_device_is_revoked(&mut self) -> Result<()> {
        println!("\nThe laptop is lost. Olena revokes it.");
        self.olena.device.until("the laptop in Olena's list", |device| {
            Ok(list(&device.ipc("devices", json!({}))?).iter().any(|one| one["name"] == "anna-laptop"))
        })?;
        let devices = self.olena.device.ipc("devices", json!({}))?;
        let laptop =
            list(&devices).iter().find(|one| one["name"] == "anna-laptop").context("no laptop in the list")?["id"]
                .clone();
        self.olena.device.ipc("give_order", json!({ "order": { "order": "revoke_device", "device": laptop } }))?;
        self.olena.device.until_synced()?;
        let before = self.laptop.proxy.n_received();
        self.laptop
            .device
            .until("the laptop knows", |device| Ok(device.ipc("status", json!({}))?["phase"] == "revoked"))?;
        let bytes = self.laptop.proxy.n_received() - before;
        self.fact(bytes < 4096, &format!("it is told so in {bytes} bytes and receives nothing more"))
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value, key: &str) -> Result<String> {
    Ok(value[key].as_str().with_context(|| format!("no {key} in {value}"))?.to_owned())
}

fn serve(data: &Path, address: SocketAddr) -> Result<Process> {
    let mut command = Command::new(program("satchel-server")?);
    command.args(["serve", "--listen", &address.to_string(), "--data"]).arg(data);
    Process::start(&mut command)
}

fn database_in(dir: &Path) -> Result<PathBuf> {
    let found = std::fs::read_dir(dir)?.flatten().map(|entry| entry.path());
    found
        .into_iter()
        .find(|path| path.extension().is_some_and(|it| it == "satchel"))
        .context("no database in the folder")
}
