//! What the promises allow, written by hand. Nothing here is computed from the product.
//!
//! The places. *live*: a client of Anna's in the north. *trashed*: the same, thrown away by her. *moved*: a client
//! that was hers and is Taras's in the south; Anna and her supervisor have said that they have purged it. *erased*: as
//! live, but what was personal in all of it is erased, with the late edit. *missing*: ids that stand for nothing.
//!
//! The people. *anna* has the live, the trashed and the erased client. *bohdan*, of her department, has one planned interaction
//! with each client handed to him, and sees the client for it. *oleh*, of her department, has nothing to do with them.
//! *taras* is a rep in the south and has the moved client. *olena* supervises the north, *maria* the south, *admin*
//! the organisation.

use crate::asks::Ask;

/// The columns.
pub const COLUMNS: [&str; 7] = ["anna", "bohdan", "oleh", "taras", "olena", "maria", "admin"];

/// ask, place, then one word for each column. `no`: not a byte of it; a code: refused with it.
const ASKS: &str = "
                                anna         bohdan       oleh         taras        olena        maria        admin
pull                   live     yes          yes          no           no           yes          no           yes
pull                   trashed  yes          yes          no           no           yes          no           yes
pull                   erased   yes          yes          no           no           yes          no           yes
pull                   moved    no           yes          no           yes          no           yes          yes
pull                   missing  no           no           no           no           no           no           no

edit_client            live     ok           read_only    no_access    no_access    ok           no_access    ok
edit_client            trashed  ok           read_only    no_access    no_access    ok           no_access    ok
edit_client            erased   ok           read_only    no_access    no_access    ok           no_access    ok
edit_client            moved    no_access    read_only    no_access    ok           no_access    ok           ok
edit_client            missing  no_access    no_access    no_access    no_access    no_access    no_access    no_access

edit_person            live     ok           read_only    no_access    no_access    ok           no_access    ok
edit_person            trashed  ok           read_only    no_access    no_access    ok           no_access    ok
edit_person            erased   ok           read_only    no_access    no_access    ok           no_access    ok
edit_person            moved    no_access    read_only    no_access    ok           no_access    ok           ok
edit_person            missing  no_access    no_access    no_access    no_access    no_access    no_access    no_access

edit_visit             live     ok           read_only    no_access    no_access    ok           no_access    ok
edit_visit             trashed  ok           read_only    no_access    no_access    ok           no_access    ok
edit_visit             erased   ok           read_only    no_access    no_access    ok           no_access    ok
edit_visit             moved    no_access    read_only    no_access    ok           no_access    ok           ok
edit_visit             missing  no_access    no_access    no_access    no_access    no_access    no_access    no_access

edit_handed            live     ok           ok           no_access    no_access    ok           no_access    ok
edit_handed            trashed  ok           ok           no_access    no_access    ok           no_access    ok
edit_handed            erased   ok           ok           no_access    no_access    ok           no_access    ok
edit_handed            moved    no_access    ok           no_access    ok           no_access    ok           ok
edit_handed            missing  no_access    no_access    no_access    no_access    no_access    no_access    no_access

edit_other_generation  live     stale_generation read_only no_access   no_access    stale_generation no_access stale_generation
edit_other_generation  trashed  stale_generation read_only no_access   no_access    stale_generation no_access stale_generation
edit_other_generation  erased   stale_generation read_only no_access   no_access    stale_generation no_access stale_generation
edit_other_generation  moved    no_access    read_only    no_access    stale_generation no_access stale_generation stale_generation
edit_other_generation  missing  no_access    no_access    no_access    no_access    no_access    no_access    no_access

add_person             live     ok           read_only    no_access    no_access    ok           no_access    ok
add_person             trashed  ok           read_only    no_access    no_access    ok           no_access    ok
add_person             erased   ok           read_only    no_access    no_access    ok           no_access    ok
add_person             moved    no_access    read_only    no_access    ok           no_access    ok           ok
add_person             missing  no_access    no_access    no_access    no_access    no_access    no_access    no_access

add_interaction        live     ok           ok           no_access    no_access    ok           no_access    ok
add_interaction        trashed  ok           ok           no_access    no_access    ok           no_access    ok
add_interaction        erased   ok           ok           no_access    no_access    ok           no_access    ok
add_interaction        moved    no_access    ok           no_access    ok           no_access    ok           ok
add_interaction        missing  no_access    no_access    no_access    no_access    no_access    no_access    no_access

add_to_two_homes       live     ok           read_only    no_access    no_access    ok           no_access    ok
add_to_two_homes       trashed  ok           read_only    no_access    no_access    ok           no_access    ok
add_to_two_homes       erased   ok           read_only    no_access    no_access    ok           no_access    ok
add_to_two_homes       moved    no_access    read_only    no_access    ok           no_access    ok           ok
add_to_two_homes       missing  no_access    no_access    no_access    no_access    no_access    no_access    no_access

add_catalogue_entry    live     read_only    read_only    read_only    read_only    ok           ok           ok
add_catalogue_entry    trashed  read_only    read_only    read_only    read_only    ok           ok           ok
add_catalogue_entry    erased   read_only    read_only    read_only    read_only    ok           ok           ok
add_catalogue_entry    moved    read_only    read_only    read_only    read_only    ok           ok           ok
add_catalogue_entry    missing  read_only    read_only    read_only    read_only    ok           ok           ok

redirect               live     ok           not_allowed  not_found    not_found    ok           not_found    ok
redirect               trashed  nothing_to_do not_allowed not_found    not_found    nothing_to_do not_found   nothing_to_do
redirect               erased   ok           not_allowed  not_found    not_found    ok           not_found    ok
redirect               moved    not_found    not_allowed  not_found    ok           not_found    ok           ok
redirect               missing  not_found    not_found    not_found    not_found    not_found    not_found    not_found

redirect_to_leaver     live     person_inactive not_allowed not_found  not_found    person_inactive not_found person_inactive
redirect_to_leaver     trashed  person_inactive not_allowed not_found  not_found    person_inactive not_found person_inactive
redirect_to_leaver     erased   person_inactive not_allowed not_found  not_found    person_inactive not_found person_inactive
redirect_to_leaver     moved    not_found    not_allowed  not_found    person_inactive not_found person_inactive person_inactive
redirect_to_leaver     missing  not_found    not_found    not_found    not_found    not_found    not_found    not_found

move_clients           live     not_allowed  not_allowed  not_found    not_found    ok           not_found    ok
move_clients           trashed  not_allowed  not_allowed  not_found    not_found    ok           not_found    ok
move_clients           erased   not_allowed  not_allowed  not_found    not_found    ok           not_found    ok
move_clients           moved    not_found    not_allowed  not_found    not_allowed  not_found    ok           ok
move_clients           missing  not_found    not_found    not_found    not_found    not_found    not_found    not_found

move_to_leaver         live     person_inactive person_inactive person_inactive person_inactive person_inactive person_inactive person_inactive
move_to_leaver         trashed  person_inactive person_inactive person_inactive person_inactive person_inactive person_inactive person_inactive
move_to_leaver         erased   person_inactive person_inactive person_inactive person_inactive person_inactive person_inactive person_inactive
move_to_leaver         moved    person_inactive person_inactive person_inactive person_inactive person_inactive person_inactive person_inactive
move_to_leaver         missing  person_inactive person_inactive person_inactive person_inactive person_inactive person_inactive person_inactive

move_from_wrong        live     not_allowed  not_allowed  not_found    not_found    changed_meanwhile_by_office not_found changed_meanwhile_by_office
move_from_wrong        trashed  not_allowed  not_allowed  not_found    not_found    changed_meanwhile_by_office not_found changed_meanwhile_by_office
move_from_wrong        erased   not_allowed  not_allowed  not_found    not_found    changed_meanwhile_by_office not_found changed_meanwhile_by_office
move_from_wrong        moved    not_found    not_allowed  not_found    not_allowed  not_found    changed_meanwhile_by_office changed_meanwhile_by_office
move_from_wrong        missing  not_found    not_found    not_found    not_found    not_found    not_found    not_found

# Into the client in the trash, which is Anna's.
merge_clients          live     ok           not_allowed  not_found    not_found    ok           not_found    ok
merge_clients          trashed  nothing_to_do not_allowed not_found    not_found    nothing_to_do not_found   nothing_to_do
merge_clients          erased   ok           not_allowed  not_found    not_found    ok           not_found    ok
merge_clients          moved    not_found    not_allowed  not_found    not_found    not_found    not_found    ok
merge_clients          missing  not_found    not_allowed  not_found    not_found    not_found    not_found    not_found

undo                   live     cannot_undo  cannot_undo  cannot_undo  cannot_undo  ok           cannot_undo  ok
undo                   trashed  cannot_undo  cannot_undo  cannot_undo  cannot_undo  ok           cannot_undo  ok
undo                   erased   cannot_undo  cannot_undo  cannot_undo  cannot_undo  ok           cannot_undo  ok
undo                   moved    cannot_undo  cannot_undo  cannot_undo  cannot_undo  cannot_undo  ok           ok
undo                   missing  cannot_undo  cannot_undo  cannot_undo  cannot_undo  cannot_undo  cannot_undo  cannot_undo

revoke_device          live     ok           not_found    not_found    not_found    ok           not_found    ok
revoke_device          trashed  ok           not_found    not_found    not_found    ok           not_found    ok
revoke_device          erased   ok           not_found    not_found    not_found    ok           not_found    ok
revoke_device          moved    not_found    not_found    not_found    ok           not_found    ok           ok
revoke_device          missing  not_found    not_found    not_found    not_found    not_found    not_found    not_found

revoke_and_wipe        live     ok           not_found    not_found    not_found    ok           not_found    ok
revoke_and_wipe        trashed  ok           not_found    not_found    not_found    ok           not_found    ok
revoke_and_wipe        erased   ok           not_found    not_found    not_found    ok           not_found    ok
revoke_and_wipe        moved    not_found    not_found    not_found    ok           not_found    ok           ok
revoke_and_wipe        missing  not_found    not_found    not_found    not_found    not_found    not_found    not_found

# No wipe was ordered: there is nothing to take back, said only to those who might have ordered one.
withdraw_wipe          live     nothing_to_do not_found   not_found    not_found    nothing_to_do not_found   nothing_to_do
withdraw_wipe          trashed  nothing_to_do not_found   not_found    not_found    nothing_to_do not_found   nothing_to_do
withdraw_wipe          erased   nothing_to_do not_found   not_found    not_found    nothing_to_do not_found   nothing_to_do
withdraw_wipe          moved    not_found    not_found    not_found    nothing_to_do not_found   nothing_to_do nothing_to_do
withdraw_wipe          missing  not_found    not_found    not_found    not_found    not_found    not_found    not_found

# Only the admin erases; others learn nothing of what is there.
erase                  live     not_allowed  not_allowed  not_allowed  not_allowed  not_allowed  not_allowed  ok
erase                  trashed  not_allowed  not_allowed  not_allowed  not_allowed  not_allowed  not_allowed  ok
erase                  erased   not_allowed  not_allowed  not_allowed  not_allowed  not_allowed  not_allowed  ok
erase                  moved    not_allowed  not_allowed  not_allowed  not_allowed  not_allowed  not_allowed  ok
erase                  missing  not_allowed  not_allowed  not_allowed  not_allowed  not_allowed  not_allowed  not_found

# About the person responsible for the client, whom everybody knows; of what is missing that is Anna.
revoke_person          live     not_found    not_found    not_found    not_found    ok           not_found    ok
revoke_person          trashed  not_found    not_found    not_found    not_found    ok           not_found    ok
revoke_person          erased   not_found    not_found    not_found    not_found    ok           not_found    ok
revoke_person          moved    not_found    not_found    not_found    not_found    not_found    ok           ok
revoke_person          missing  not_found    not_found    not_found    not_found    ok           not_found    ok

accept_proposal        live     ok           not_found    not_found    not_found    ok           not_found    ok
accept_proposal        trashed  ok           not_found    not_found    not_found    ok           not_found    ok
accept_proposal        erased   not_found    not_found    not_found    not_found    not_found    not_found    not_found
accept_proposal        moved    not_found    not_found    not_found    ok           not_found    ok           ok
accept_proposal        missing  not_found    not_found    not_found    not_found    not_found    not_found    not_found

decline_proposal       live     ok           not_found    not_found    not_found    ok           not_found    ok
decline_proposal       trashed  ok           not_found    not_found    not_found    ok           not_found    ok
decline_proposal       erased   not_found    not_found    not_found    not_found    not_found    not_found    not_found
decline_proposal       moved    not_found    not_found    not_found    ok           not_found    ok           ok
decline_proposal       missing  not_found    not_found    not_found    not_found    not_found    not_found    not_found

# Names of colleagues are for everybody, so that nothing is told by saying whose absence may not be recorded.
record_absence         live     not_allowed  not_allowed  not_allowed  not_allowed  ok           not_allowed  ok
record_absence         trashed  not_allowed  not_allowed  not_allowed  not_allowed  ok           not_allowed  ok
record_absence         erased   not_allowed  not_allowed  not_allowed  not_allowed  ok           not_allowed  ok
record_absence         moved    not_allowed  not_allowed  not_allowed  not_allowed  not_allowed  ok           ok
record_absence         missing  not_allowed  not_allowed  not_allowed  not_allowed  not_found    not_allowed  not_found

change_absence         live     not_found    not_found    not_found    not_found    ok           not_found    ok
change_absence         trashed  not_found    not_found    not_found    not_found    ok           not_found    ok
change_absence         erased   not_found    not_found    not_found    not_found    ok           not_found    ok
change_absence         moved    not_found    not_found    not_found    not_found    not_found    ok           ok
change_absence         missing  not_found    not_found    not_found    not_found    not_found    not_found    not_found

# It has not begun: nobody comes back, and it is no dismissal.
end_absence            live     not_found    not_found    not_found    not_found    nothing_to_do not_found   nothing_to_do
end_absence            trashed  not_found    not_found    not_found    not_found    nothing_to_do not_found   nothing_to_do
end_absence            erased   not_found    not_found    not_found    not_found    nothing_to_do not_found   nothing_to_do
end_absence            moved    not_found    not_found    not_found    not_found    not_found    nothing_to_do nothing_to_do
end_absence            missing  not_found    not_found    not_found    not_found    not_found    not_found    not_found

withdraw_absence       live     not_found    not_found    not_found    not_found    ok           not_found    ok
withdraw_absence       trashed  not_found    not_found    not_found    not_found    ok           not_found    ok
withdraw_absence       erased   not_found    not_found    not_found    not_found    ok           not_found    ok
withdraw_absence       moved    not_found    not_found    not_found    not_found    not_found    ok           ok
withdraw_absence       missing  not_found    not_found    not_found    not_found    not_found    not_found    not_found

finish_dismissal       live     not_found    not_found    not_found    not_found    not_allowed  not_found    not_allowed
finish_dismissal       trashed  not_found    not_found    not_found    not_found    not_allowed  not_found    not_allowed
finish_dismissal       erased   not_found    not_found    not_found    not_found    not_allowed  not_found    not_allowed
finish_dismissal       moved    not_found    not_found    not_found    not_found    not_found    not_allowed  not_allowed
finish_dismissal       missing  not_found    not_found    not_found    not_found    not_found    not_found    not_found

# A client's id makes its home once. Somebody else's is refused; one that was never used is a new client: an id has 74
# random bits, so that asking for one tells nothing to who does not know it already. Whoever made it gets the same
# creation taken again, and another one under the same numbers refused; of what is erased, one of before it.
add_client_twice       live     refused_malformed        no_access    no_access    no_access    no_access    no_access    no_access
add_client_twice       trashed  refused_malformed        no_access    no_access    no_access    no_access    no_access    no_access
add_client_twice       erased   stale_generation         no_access    no_access    no_access    no_access    no_access    no_access
add_client_twice       moved    no_access    no_access    no_access    no_access    no_access    no_access    no_access
add_client_twice       missing  ok           ok           ok           ok           ok           ok           ok

# A person lives with a client and nowhere else, whoever says so.
add_to_department      live     refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed
add_to_department      trashed  refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed
add_to_department      erased   refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed
add_to_department      moved    refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed
add_to_department      missing  refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed refused_malformed
";

/// The words of a row, in the order of [`COLUMNS`].
pub fn row(ask: &str, place: &str) -> Vec<&'static str> {
    let found = ASKS.lines().map(str::split_whitespace).find(|words| {
        let mut words = words.clone();
        words.next() == Some(ask) && words.next() == Some(place)
    });
    let row: Vec<_> = found.unwrap_or_else(|| panic!("{ask} about {place} has no row")).skip(2).collect();
    assert_eq!(row.len(), COLUMNS.len(), "{ask} about {place} has a word for each column");
    row
}

/// True where the asker sees nothing of the place and the answer must not tell that it is there.
pub fn says_nothing(ask: Ask, place: &str, column: &str) -> bool {
    let at = COLUMNS.iter().position(|other| *other == column).unwrap();
    let (found, missing) = (row(ask.key(), place)[at], row(ask.key(), "missing")[at]);
    // What is allowed in spite of that, or differs on purpose, is said beside its row.
    found == missing && ask != Ask::Pull
}

/// Every route, then what it answers to whom: nobody, a made-up token, an expired one, one of a revoked device, one
/// of a person who has left, and a good one. The first number is the HTTP status.
pub const ROUTES: &str = "
                     nobody            made_up           expired           revoked          left             good
/v1/enrol            404:link_unknown  404:link_unknown  404:link_unknown  404:link_unknown 404:link_unknown 404:link_unknown
/v1/sign-in          401:wrong_password 401:wrong_password 200:-           401:revoked      401:revoked      200:-
/v1/devices/link     401:signed_out    401:signed_out    401:signed_out    401:revoked      401:revoked      200:-
/v1/rehearse         401:signed_out    401:signed_out    401:signed_out    401:revoked      401:revoked      200:-
/v1/devices/return   401:signed_out    401:signed_out    401:signed_out    401:revoked      401:revoked      401:signed_out
/v1/return           401:signed_out    401:signed_out    401:signed_out    401:revoked      401:revoked      200:-
/v1/check            401:signed_out    401:signed_out    401:signed_out    401:revoked      401:revoked      200:-
/v1/sync             200:signed_out    200:signed_out    200:signed_out    200:revoked      200:revoked      200:-
/v1/hint             101:closed        101:closed        101:closed        101:closed       101:closed       101:-
/v1/live             101:signed_out    101:signed_out    101:signed_out    101:revoked      101:revoked      101:-
# By the device's key alone: whether its rights have ended, and what is to become of it. Only one whose rights have
# ended says that it is empty.
/v1/wipe             200:signed_out    200:signed_out    200:-             200:-            200:-            200:-
/v1/wiped            401:signed_out    401:signed_out    401:signed_out    200:-            200:-            401:signed_out
/join/{token}        200:-             200:-             200:-             200:-            200:-            200:-
/livez               200:-             200:-             200:-             200:-            200:-            200:-
/readyz              200:-             200:-             200:-             200:-            200:-            200:-
";
