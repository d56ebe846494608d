//! Somebody is away, colleagues stand in, and everything finds its way back (C-020, C-125, C-171; rules 15, 16, 18, 20).

#![allow(clippy::unwrap_used)]

use chrono::Duration;
use satchel_core::app::api::*;
use satchel_core::domain::absence::{DISMISSAL, Stage, StandIn};
use satchel_core::domain::authority::{Home, Level, Reason};
use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::{client, interaction};
use satchel_core::domain::order;
use satchel_core::store::outbox::ItemState;
use satchel_core::sync::wire::{Frame, Hello, Up, pack, paths};
use satchel_tests::harness::{Desk, Device, Office};
use satchel_tests::tap;

struct Scene {
    office: Office,
    anna: Device,
    bohdan: Device,
    taras: Device,
    olena: Device,
    alpha: RecordId,
    beta: RecordId,
    visit: RecordId,
}

/// Anna has two clients and a plan with the first; everybody has met the office.
fn scene() -> Scene {
    let office = Office::open();
    let cast = office.cast;
    let (anna, bohdan) = (office.ready(cast.anna, "phone"), office.ready(cast.bohdan, "phone"));
    let (taras, olena) = (office.ready(cast.taras, "phone"), office.ready(cast.olena, "laptop"));
    let (alpha, beta) = (anna.client("Альфа"), anna.client("Бета"));
    let visit = anna.plan(alpha, "показать образцы");
    anna.sync();
    olena.sync();
    Scene { office, anna, bohdan, taras, olena, alpha, beta, visit }
}

impl Scene {
    fn sync_all(&self) {
        for device in [&self.olena, &self.anna, &self.bohdan, &self.taras] {
            device.sync();
        }
    }

    /// Anna is ill for so many days from so many days on; Bohdan has Alpha with its plan, Taras has Beta.
    fn ill(&self, from: i64, until: Option<i64>) -> (CommandId, AbsenceId) {
        let cast = &self.office.cast;
        let recorded = self.olena.record_absence(
            cast.anna,
            (from, until),
            &[(self.alpha, cast.bohdan), (self.beta, cast.taras)],
            &[(self.visit, cast.bohdan)],
        );
        self.olena.sync();
        recorded
    }

    fn days(&self, n: i64) {
        self.office.clock.forward(Duration::days(n));
    }
}

#[test]
fn illness_with_two_substitutes_begins_and_returns_by_itself() {
    let scene = scene();
    let cast = scene.office.cast;
    let (_, absence) = scene.ill(1, Some(8));
    scene.sync_all();
    assert!(scene.bohdan.sees(scene.alpha).is_none(), "the day has not come");

    scene.days(1);
    scene.sync_all();
    assert_eq!((scene.bohdan.covered(), scene.taras.covered()), (vec![scene.alpha], vec![scene.beta]));
    assert!(scene.bohdan.sees(scene.beta).is_none(), "each sees his part");
    assert_eq!(scene.bohdan.store().level(Home::Client(scene.alpha)).unwrap(), Some(Level::Write));
    assert_eq!(scene.bohdan.assigned(scene.visit), Some(cast.bohdan));
    assert_eq!(scene.anna.responsible(scene.alpha), Some(cast.anna), "she stays responsible");
    assert_eq!(
        scene.anna.store().level(Home::Client(scene.alpha)).unwrap(),
        Some(Level::Write),
        "and keeps her access"
    );
    // Both edit, edits merge (rule 16).
    scene.bohdan.types(scene.alpha, client::CITY, "Полтава");
    scene.anna.offline().types(scene.alpha, client::ADDRESS, "вул. Соборна, 1");
    let done = scene.bohdan.log(scene.alpha, "заехал вместо Анны");
    scene.bohdan.sync();
    scene.anna.online().sync();

    scene.days(7);
    scene.sync_all();
    assert!(scene.bohdan.sees(scene.alpha).is_none() && scene.taras.sees(scene.beta).is_none());
    assert_eq!(scene.anna.assigned(scene.visit), Some(cast.anna), "what is still open returns");
    assert_eq!(scene.anna.assigned(done), Some(cast.bohdan), "what was done stays with who did it");
    assert_eq!(scene.anna.text(scene.alpha, client::CITY), "Полтава");
    assert_eq!(scene.anna.text(scene.alpha, client::ADDRESS), "вул. Соборна, 1");
    assert_eq!(scene.olena.absence(absence).unwrap().stage, Stage::Over);
    let history: Vec<_> = scene.anna.store().authority(scene.visit).unwrap().hand_overs;
    let went: Vec<_> = history.iter().map(|one| (one.from, one.to, one.by)).collect();
    assert_eq!(went, [(cast.anna, cast.bohdan, cast.olena), (cast.bohdan, cast.anna, cast.olena)]);
}

#[test]
fn cover_begins_and_ends_although_nobody_is_in_touch_for_weeks() {
    let scene = scene();
    scene.sync_all();
    scene.ill(1, Some(8));
    scene.days(30);
    scene.sync_all();
    assert!(scene.bohdan.sees(scene.alpha).is_none());
    assert_eq!(scene.anna.assigned(scene.visit), Some(scene.office.cast.anna));
    assert!(scene.anna.store().authority(scene.visit).unwrap().hand_overs.is_empty(), "nobody ever stood in");
}

#[test]
fn the_servers_own_clock_begins_a_cover_before_anybody_asks() {
    let scene = scene();
    scene.ill(1, Some(8));
    scene.days(2);
    scene.office.door().keep_time().unwrap();
    let stages: Vec<Stage> = scene.office.storage().absences().unwrap().iter().map(|one| one.stage).collect();
    assert_eq!(stages, [Stage::Running]);
    scene.days(8);
    scene.office.door().keep_time().unwrap();
    let stages: Vec<Stage> = scene.office.storage().absences().unwrap().iter().map(|one| one.stage).collect();
    assert_eq!(stages, [Stage::Over]);
}

#[test]
fn devices_offline_from_before_the_beginning_till_after_the_end_converge() {
    let scene = scene();
    scene.ill(1, Some(8));
    scene.sync_all();
    scene.anna.offline().types(scene.alpha, client::ADDRESS, "з лікарні");
    let call = scene.anna.log(scene.alpha, "подзвонив сам");
    scene.days(2);
    // Of the two who stand in one works, the other is out of reach.
    scene.taras.offline();
    scene.bohdan.sync();
    scene.bohdan.types(scene.alpha, client::CITY, "Суми");
    scene.bohdan.sync();
    scene.days(20);
    scene.anna.online();
    scene.taras.online();
    scene.sync_all();
    scene.sync_all();
    assert_eq!(scene.anna.text(scene.alpha, client::CITY), "Суми");
    assert_eq!(scene.olena.text(scene.alpha, client::ADDRESS), "з лікарні");
    assert!(scene.olena.sees(call).is_some());
    assert!(scene.taras.sees(scene.beta).is_none() && scene.bohdan.sees(scene.alpha).is_none());
    assert!(scene.anna.waiting(ItemState::SetAside).is_empty());
}

#[test]
fn rule_20_what_a_substitute_wrote_offline_is_taken_in_after_the_end_until_he_purged() {
    let scene = scene();
    scene.ill(0, Some(7));
    scene.sync_all();
    scene.bohdan.offline().types(scene.alpha, client::CITY, "Одеса");
    scene.bohdan.types(scene.visit, interaction::RESULT, "показав");
    scene.days(9);
    scene.bohdan.types(scene.alpha, client::ADDRESS, "уже після");
    scene.bohdan.online().sync();
    scene.anna.sync();
    assert_eq!(scene.anna.text(scene.alpha, client::CITY), "Одеса");
    assert_eq!(scene.anna.text(scene.alpha, client::ADDRESS), "уже після");
    assert_eq!(scene.anna.text(scene.visit, interaction::RESULT), "показав");
    assert!(scene.bohdan.sees(scene.alpha).is_none());
    assert!(scene.olena.sync().outbox().is_empty() && scene.olena.proposals().is_empty());

    // Once he has said that all of it is gone, nothing more is taken.
    scene.bohdan.sync();
    let mut probe = scene.office.probe(scene.office.cast.bohdan);
    probe.pull().unwrap();
    assert!(!probe.held.records.contains_key(&scene.alpha));
}

#[test]
fn rule_20_an_interaction_that_went_back_by_itself_still_takes_the_late_result() {
    let scene = scene();
    let cast = scene.office.cast;
    // Only the plan is handed over, not the client.
    scene.olena.record_absence(cast.anna, (0, Some(7)), &[], &[(scene.visit, cast.bohdan)]);
    scene.olena.sync();
    scene.bohdan.sync();
    assert_eq!(scene.bohdan.store().level(Home::Client(scene.alpha)).unwrap(), Some(Level::Add));
    scene.bohdan.offline().types(scene.visit, interaction::RESULT, "был в пятницу");
    scene.days(8);
    scene.anna.sync();
    assert_eq!(scene.anna.assigned(scene.visit), Some(cast.anna));
    scene.bohdan.online().sync();
    scene.anna.sync();
    assert_eq!(scene.anna.text(scene.visit, interaction::RESULT), "был в пятницу");
    assert!(scene.bohdan.waiting(ItemState::SetAside).is_empty());
}

#[test]
fn off_3_after_an_absence_is_taken_back_a_substitutes_late_edit_waits_for_a_decision() {
    let scene = scene();
    let (recorded, absence) = scene.ill(0, Some(7));
    scene.sync_all();
    scene.bohdan.offline().types(scene.alpha, client::CITY, "Одеса");
    scene.olena.undo(recorded);
    scene.olena.sync();
    assert_eq!(scene.olena.absence(absence).map(|one| one.stage), None, "taken back, it is nobody's business any more");
    scene.bohdan.online().sync();
    scene.anna.sync();
    assert_ne!(scene.anna.store().record(scene.alpha).unwrap().record.get(client::CITY).as_deref(), Some("Одеса"));
    assert_eq!(scene.anna.proposals().len(), 1);
    scene.anna.decide(scene.anna.proposals()[0], true);
    scene.anna.sync();
    assert_eq!(scene.anna.text(scene.alpha, client::CITY), "Одеса");
}

#[test]
fn an_open_absence_is_ended_early_and_its_return_can_be_undone() {
    let scene = scene();
    let cast = scene.office.cast;
    let (_, absence) = scene.ill(0, None);
    scene.sync_all();
    scene.days(20);
    scene.sync_all();
    assert_eq!(scene.bohdan.covered(), [scene.alpha], "nothing ends an open absence but an order");
    scene.bohdan.offline().types(scene.alpha, client::CITY, "Одеса");
    let back = scene.olena.order(order::Order::EndAbsence { absence });
    scene.sync_all_but_bohdan();
    assert_eq!(scene.anna.assigned(scene.visit), Some(cast.anna));
    assert!(scene.anna.notices().contains(&"you_are_back".to_owned()));
    scene.olena.undo(back);
    scene.sync_all_but_bohdan();
    assert_eq!(scene.anna.assigned(scene.visit), Some(cast.bohdan));
    scene.bohdan.online().sync();
    assert_eq!(scene.bohdan.covered(), [scene.alpha]);
    scene.anna.sync();
    assert_eq!(scene.anna.text(scene.alpha, client::CITY), "Одеса");
}

impl Scene {
    fn sync_all_but_bohdan(&self) {
        for device in [&self.olena, &self.anna, &self.taras] {
            device.sync();
        }
    }
}

#[test]
fn everybody_concerned_is_told_once_and_why_he_sees_a_client_also_offline() {
    let office = Office::open();
    let cast = office.cast;
    let (anna, olena) = (office.ready(cast.anna, "phone"), office.ready(cast.olena, "laptop"));
    let bohdan = Desk::of(&office, cast.bohdan, "bohdan");
    let clients: Vec<RecordId> = (0..5).map(|n| anna.client(&format!("Фирма {n}"))).collect();
    anna.sync();
    olena.sync();
    let annas = Desk::of(&office, cast.anna, "annas");
    let given: Vec<_> = clients.iter().map(|client| (*client, cast.bohdan)).collect();
    olena.record_absence(cast.anna, (0, Some(7)), &given, &[]);
    olena.sync();
    bohdan.sync();
    annas.sync();

    // Offline from here on.
    let card = bohdan.app.client_card(ClientKey { client: clients[0] }).unwrap();
    let reason = &card.reasons[0];
    assert_eq!((reason.reason.as_str(), reason.person.as_ref().unwrap().id), ("substitute", cast.anna));
    assert_eq!(reason.until, Some(office.now() + Duration::days(7)));
    let cover = card.cover.unwrap();
    assert!(cover.by_me && cover.person.unwrap().id == cast.anna);
    let today = bohdan.app.today(TodayRequest { user: None, zone: "Europe/Kyiv".into() }).unwrap();
    assert_eq!((today.covers.len(), today.covers[0].n_clients, today.covers[0].coming), (1, 5, false));
    let list = ListRequest { kind: "client".into(), limit: 50, ..ListRequest::default() };
    let page = bohdan.app.list(list).unwrap();
    assert!(page.rows.iter().all(|row| row.cover.as_ref().is_some_and(|cover| cover.by_me)));
    let row = &bohdan.app.absences(Nothing {}).unwrap()[0];
    assert!(row.stands_in && row.reason.is_empty() && !row.may_change, "why she is away is nobody's business");
    let hers = annas.app.client_card(ClientKey { client: clients[0] }).unwrap();
    assert_eq!(hers.cover.unwrap().substitute.unwrap().id, cast.bohdan);
    let told = |desk: &Desk| -> Vec<String> {
        desk.app.notices(Nothing {}).unwrap().into_iter().map(|notice| notice.what).collect()
    };
    assert_eq!(told(&bohdan), ["cover_began"]);
    assert_eq!(told(&annas), ["others_stand_in"]);

    office.clock.forward(Duration::days(8));
    bohdan.sync();
    annas.sync();
    assert_eq!(told(&bohdan), ["cover_ended", "cover_began"], "once, not for each of five clients");
    assert_eq!(told(&annas), ["you_are_back", "others_stand_in"]);
    assert!(bohdan.app.today(TodayRequest { user: None, zone: "Europe/Kyiv".into() }).unwrap().covers.is_empty());
}

#[test]
fn vis_1_a_coming_absence_tells_its_substitute_no_client_and_a_stranger_nothing() {
    let scene = scene();
    let (_, absence) = scene.ill(3, Some(8));
    for device in [&scene.bohdan, &scene.taras] {
        device.line.take_log();
        device.sync();
        for body in device.line.received() {
            for id in [scene.alpha, scene.beta, scene.visit] {
                assert!(!tap::holds(&body, id.bytes()), "the id of what he does not see yet");
            }
        }
        assert!(device.absence(absence).is_some_and(|one| one.reason.is_empty()));
    }
    let maria = scene.office.ready(scene.office.cast.maria, "laptop");
    assert!(maria.absence(absence).is_none());
    assert!(maria.line.received().iter().all(|body| !tap::holds(body, absence.bytes())));
}

#[test]
fn a_change_takes_a_client_from_one_substitute_and_gives_it_to_another_in_one_step() {
    let scene = scene();
    let cast = scene.office.cast;
    let (_, absence) = scene.ill(0, Some(7));
    scene.sync_all();
    let change = order::Order::ChangeAbsence {
        absence,
        revision: 0,
        from: scene.office.now(),
        until: Some(scene.office.now() + Duration::days(3)),
        clients: vec![StandIn { record: scene.alpha, to: cast.taras }, StandIn { record: scene.beta, to: cast.taras }],
        interactions: vec![StandIn { record: scene.visit, to: cast.taras }],
    };
    scene.olena.order(change);
    scene.sync_all();
    assert!(scene.bohdan.sees(scene.alpha).is_none());
    assert_eq!(scene.taras.covered().len(), 2);
    let untils: Vec<_> = scene.taras.store().grants(Home::Client(scene.alpha)).unwrap();
    assert!(untils.iter().all(|grant| grant.until == Some(scene.office.now() + Duration::days(3))), "{untils:?}");
    assert!(untils.iter().any(|grant| grant.reason == Reason::Substitute(absence)));
    scene.days(3);
    scene.sync_all();
    assert!(scene.taras.sees(scene.alpha).is_none());
    assert_eq!(scene.anna.assigned(scene.visit), Some(cast.anna));
}

#[test]
fn of_two_supervisors_who_change_an_absence_offline_the_second_is_asked_again() {
    let scene = scene();
    let (_, absence) = scene.ill(2, Some(7));
    let admin = scene.office.ready(scene.office.cast.admin, "laptop");
    scene.olena.sync();
    let change = |days| order::Order::ChangeAbsence {
        absence,
        revision: 0,
        from: scene.office.now() + Duration::days(2),
        until: Some(scene.office.now() + Duration::days(days)),
        clients: vec![],
        interactions: vec![],
    };
    scene.olena.offline().order(change(9));
    let second = admin.offline().order(change(12));
    scene.olena.online().sync();
    assert_eq!(admin.online().sync().awaiting_confirmation(), [second]);
    assert_eq!(admin.absence(absence).unwrap().until, Some(scene.office.now() + Duration::days(9)));
}

#[test]
fn a_dismissal_is_blocked_while_anything_is_missing_and_then_finished() {
    let scene = scene();
    let cast = scene.office.cast;
    scene.sync_all();
    scene.anna.offline().types(scene.alpha, client::CITY, "с дороги");
    scene.office.clock.forward(Duration::minutes(5));
    let absence = AbsenceId(scene.office.ids.fresh());
    let dismissal = order::Order::RecordAbsence {
        absence,
        person: cast.anna,
        reason: DISMISSAL.to_owned(),
        from: scene.office.now(),
        until: None,
        clients: vec![StandIn { record: scene.alpha, to: cast.bohdan }],
        interactions: vec![],
    };
    scene.olena.order(dismissal);
    scene.olena.sync();
    let refused = |order: order::Order| {
        let id = scene.olena.order(order);
        scene.olena.sync();
        let entry = scene.olena.store().command(id).unwrap();
        assert_ne!(entry.state, ItemState::Applied);
        (entry.code.clone() + entry.refusal.as_deref().unwrap_or_default()).clone()
    };
    let finish = || order::Order::FinishDismissal { absence };
    assert_eq!(refused(finish()), "dismissal_open_items", "Beta has no destination");
    scene.olena.move_clients(&[scene.beta], cast.anna, cast.taras);
    scene.olena.sync();
    assert_eq!(refused(finish()), "dismissal_unsent_edits", "her phone has not been in touch");

    // Her last edit arrives: as a proposal to whoever has the client now, for access was taken from her (OFF-3).
    scene.office.clock.forward(Duration::minutes(5));
    scene.anna.online().sync();
    scene.anna.sync();
    assert!(scene.anna.sees(scene.alpha).is_none());
    scene.bohdan.sync();
    assert_eq!(scene.bohdan.proposals().len(), 1);

    let done = scene.olena.order(finish());
    scene.olena.sync();
    assert_eq!(scene.olena.store().command(done).unwrap().state, ItemState::Applied);
    assert!(scene.office.storage().users().unwrap().iter().any(|user| user.id == cast.anna && !user.active));
    assert!(scene.office.storage().devices(Some(cast.anna)).unwrap().iter().all(|device| device.revoked));
    assert!(scene.anna.try_sync().is_err());
}

#[test]
fn a_rehearsal_of_a_coming_absence_shows_what_it_will_bring_online_and_offline_alike() {
    let office = Office::open();
    let cast = office.cast;
    let anna = office.ready(cast.anna, "phone");
    let (alpha, beta) = (anna.client("Альфа"), anna.client("Бета"));
    let visit = anna.plan(alpha, "визит");
    anna.sync();
    let olena = Desk::of(&office, cast.olena, "olena");
    let order = Order::RecordAbsence {
        absence: None,
        person: cast.anna,
        reason: "holiday".into(),
        from: office.now() + Duration::days(3),
        until: Some(office.now() + Duration::days(9)),
        clients: vec![GivenTo { record: alpha, to: cast.bohdan }, GivenTo { record: beta, to: cast.bohdan }],
        interactions: vec![GivenTo { record: visit, to: cast.bohdan }],
    };
    let online = olena.app.rehearse(RehearseOrder { order: order.clone() }).unwrap();
    olena.line.unplug();
    let offline = olena.app.rehearse(RehearseOrder { order: order.clone() }).unwrap();
    assert!(online.as_of.is_none() && offline.as_of.is_some());
    for shown in [&online, &offline] {
        assert_eq!((shown.clients.len(), shown.n_interactions), (2, 1));
        let his = shown.people.iter().find(|effect| effect.user == cast.bohdan).unwrap();
        assert_eq!((his.n_gained, his.n_lost), (2, 0));
        let hers = shown.people.iter().find(|effect| effect.user == cast.anna).unwrap();
        assert_eq!((hers.n_gained, hers.n_lost), (0, 0), "she keeps her access");
    }
    let given = olena.app.give_order(GiveOrder { order, confirmed: Some(offline) }).unwrap();
    assert_eq!(given.state, OrderState::Pending);
    let row = &olena.app.absences(Nothing {}).unwrap()[0];
    assert_eq!((row.stage.as_str(), row.pending.as_str()), ("coming", "record"));
    olena.line.plug_in();
    olena.sync();
    let row = &olena.app.absences(Nothing {}).unwrap()[0];
    assert_eq!((row.pending.as_str(), row.may_change, row.substitutes[0].n_clients), ("", true, 2));
}

#[test]
fn a_proposal_names_whoever_knows_the_client_and_leaves_out_who_is_away() {
    let office = Office::open();
    let cast = office.cast;
    let (anna, bohdan) = (office.ready(cast.anna, "phone"), office.ready(cast.bohdan, "phone"));
    let (alpha, beta) = (anna.client("Альфа"), anna.client("Бета"));
    let visit = anna.plan(alpha, "визит");
    anna.sync();
    // Bohdan was once at Alpha's.
    let plan = anna.plan(alpha, "за Анну");
    anna.redirect(plan, cast.anna, cast.bohdan);
    anna.sync();
    bohdan.sync();
    bohdan.types(plan, interaction::STATE, "held");
    bohdan.sync();
    let admin = Desk::of(&office, cast.admin, "admin");
    let ask = |colleagues: Option<Vec<UserId>>| {
        let (from, until) = (office.now(), Some(office.now() + Duration::days(7)));
        admin.app.propose_cover(ProposeCover { person: cast.anna, from, until, colleagues }).unwrap()
    };
    let proposal = ask(None);
    let of = |proposal: &CoverProposal, client: RecordId| {
        proposal.clients.iter().find(|line| line.client.id == client.to_string()).unwrap().clone()
    };
    assert_eq!(of(&proposal, alpha).to, Some(cast.bohdan));
    assert!(of(&proposal, alpha).why.contains(&"knows_client".to_owned()));
    assert!(of(&proposal, beta).to.is_some());
    let line = proposal.interactions.iter().find(|line| line.interaction == visit).unwrap();
    assert_eq!(line.to, Some(cast.bohdan), "the plan goes where its client goes");

    // Bohdan is on holiday himself.
    let olena = office.ready(cast.olena, "laptop");
    olena.record_absence(cast.bohdan, (2, Some(4)), &[], &[]);
    olena.sync();
    admin.sync();
    let proposal = ask(None);
    assert_eq!(of(&proposal, alpha).to, Some(cast.taras));
    assert!(proposal.colleagues.iter().any(|one| one.person.id == cast.bohdan && one.away));
    assert_eq!(of(&ask(Some(vec![cast.olena])), alpha).to, Some(cast.olena));
    let annas = Desk::of(&office, cast.bohdan, "bohdans");
    let (from, until) = (office.now(), None);
    let refused = annas.app.propose_cover(ProposeCover { person: cast.anna, from, until, colleagues: None });
    assert_eq!(refused.unwrap_err().code().key(), "not_allowed");
}

#[test]
fn a_device_of_the_first_version_understands_what_a_substitute_is_sent() {
    let scene = scene();
    scene.ill(0, Some(7));
    let probe = scene.office.probe(scene.office.cast.bohdan);
    let hello = Hello { protocol: (1, 1), ..probe.hello(None, true) };
    let body = pack(&[Frame::bare(Up::Hello(hello))]).unwrap();
    let answer = satchel_tests::harness::Line::to(&scene.office.server, &scene.office.clock);
    let answer = satchel_core::sync::device::Transport::post(&*answer, paths::SYNC, None, "", &body).unwrap();
    let plain = tap::plain(&answer);
    assert!(tap::holds(&plain, b"Assigned") && !tap::holds(&plain, b"Substitute"));
    assert!(tap::holds(&plain, scene.alpha.bytes()), "he sees the client all the same");
}
