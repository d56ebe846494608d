//! The one table of commands. The window, the browser host, the TypeScript client and docs/commands.md all come
//! from it; each line is a name, what goes in, what comes out, and the function of [`App`] that does it.

use serde_json::Value;

use super::api::*;
use super::{App, Error};
use crate::domain::ids::RecordId;

/// A command's words for docs/commands.md and the TypeScript client.
#[derive(Clone, Debug)]
pub struct CommandInfo {
    /// Name, as in `POST /ipc/<name>`.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// TypeScript type of what goes in.
    pub argument: String,
    /// TypeScript type of what comes out.
    pub result: String,
}

macro_rules! commands {
    ($($(#[doc = $doc:literal])+ $name:ident($argument:ty) -> $result:ty;)*) => {
        /// Runs the command `name` on `argument`.
        ///
        /// # Errors
        /// `no_such_command` or `bad_argument` for nonsense, otherwise what the command says.
        pub fn dispatch(app: &App, name: &str, argument: Value) -> Result<Value, Failure> {
            match name {
                $(stringify!($name) => {
                    let argument = if argument.is_null() { Value::Object(Default::default()) } else { argument };
                    let argument: $argument = serde_json::from_value(argument)
                        .map_err(|error| Error::BadArgument(error.to_string()).failure())?;
                    let result: $result = app.$name(argument).map_err(|error| error.failure())?;
                    serde_json::to_value(result).map_err(|error| Error::BadArgument(error.to_string()).failure())
                })*
                _ => Err(Error::NoSuchCommand.failure()),
            }
        }

        /// Shows every type of the table to `visitor`, and the two that travel without a command.
        pub fn visit_types(visitor: &mut impl ts_rs::TypeVisitor) {
            $(visitor.visit::<$argument>(); visitor.visit::<$result>();)*
            visitor.visit::<Failure>();
            visitor.visit::<Topic>();
        }

        /// All commands, in the order of the table.
        #[must_use]
        pub fn describe() -> Vec<CommandInfo> {
            let config = ts_rs::Config::default();
            vec![$(CommandInfo {
                name: stringify!($name),
                doc: concat!($($doc),+).trim_ascii(),
                argument: <$argument as ts_rs::TS>::name(&config),
                result: <$result as ts_rs::TS>::name(&config),
            }),*]
        }
    };
}

commands! {
    /// Where the app stands: first screen, badge, counts.
    status(Nothing) -> Status;
    /// Enrols this device with a link and a password, makes the database and starts the first sync.
    enrol(Enrol) -> Status;
    /// Starts without a server.
    start_local(StartLocal) -> Status;
    /// Opens a database that is wrapped with a passphrase.
    unlock(Unlock) -> Status;
    /// Proves the password after the tokens ended.
    sign_in(SignIn) -> Status;
    /// Forgets the tokens; refused while edits are not sent.
    sign_out(Nothing) -> Status;
    /// Changes language or theme.
    change_settings(ChangeSettings) -> Status;
    /// Makes a link for the person's next device; needs the server.
    add_device(Nothing) -> DeviceLink;
    /// Starts a sync now and answers at once.
    sync_now(Nothing) -> SyncStatus;
    /// All record kinds with fields and words.
    declarations(Language) -> Declarations;
    /// A window of a list.
    list(ListRequest) -> ListPage;
    /// The groups of a list, with counts and sums.
    list_groups(ListRequest) -> ListGroups;
    /// The ids of all rows of a list.
    list_ids(ListRequest) -> Vec<RecordId>;
    /// The saved views this person sees.
    saved_views(Nothing) -> Vec<SavedView>;
    /// Makes a record everybody of a department sees.
    share(Share) -> Saved;
    /// Sets one field of many records, or says what that would change.
    edit_many(EditMany) -> EditedMany;
    /// Puts many records into the trash or takes them out.
    trash_many(TrashMany) -> EditedMany;
    /// How complete the contact details of clients are, by person responsible; remembers which are wanted.
    details_report(DetailsWanted) -> DetailsReport;
    /// Clients that lack contact details, with what they lack.
    details_gaps(DetailsGapsRequest) -> DetailsGaps;
    /// Plans an interaction for those responsible for clients that lack details, or says what that would do.
    ask_details(AskDetails) -> DetailsAsked;
    /// Takes back what asking for details did.
    take_details_back(DetailsAsked) -> EditedMany;
    /// One whole record.
    record(RecordKey) -> RecordView;
    /// What belongs to a record, by kind and by the field that names it.
    related(RecordKey) -> Vec<Related>;
    /// Makes a record.
    create(Create) -> Saved;
    /// Edits fields of a record.
    edit(Edit) -> Saved;
    /// Puts a record into the trash.
    trash(RecordKey) -> Saved;
    /// Takes a record out of the trash.
    restore(RecordKey) -> Saved;
    /// What lies in the trash, of every kind, the last thing first.
    trash_bin(TrashRequest) -> TrashPage;
    /// Takes several records out of the trash; those that cannot be are named.
    restore_many(Records) -> Restored;
    /// Takes this person's last action back, or those named, where nothing has changed since.
    undo(UndoActions) -> Undone;
    /// What a record went through: who changed what, when, on which device.
    record_history(RecordHistoryRequest) -> RecordHistory;
    /// A record as it was after a change, beside what it is now.
    record_then(RecordThenRequest) -> RecordThen;
    /// Gives fields the values they had after a change, as a new edit.
    put_back(PutBack) -> Saved;
    /// Settles a field with competing values.
    choose(Choose) -> Saved;
    /// All fields with competing values.
    reviews(Nothing) -> Vec<Review>;
    /// Finds records by any part of their text.
    search(Search) -> Vec<Hit>;
    /// Places of the texts that answer what was typed, by the same rules, the best first.
    match_texts(MatchTexts) -> Vec<u32>;
    /// Notes that a record was opened on this device.
    note_opened(RecordKey) -> Nothing;
    /// Records opened on this device lately, the last one first.
    recent_records(Nothing) -> Vec<Hit>;
    /// Whose phone a number is.
    who_calls(CallingNumber) -> Caller;
    /// A number as people read it, and whether any country has it.
    read_phone(CallingNumber) -> PhoneRead;
    /// Makes a client with its legal entity.
    create_client(CreateClient) -> Saved;
    /// Links a client with a legal entity, one that is here or a new one.
    link_legal_entity(LinkLegalEntity) -> Saved;
    /// Has one of a client's legal entities stand first.
    lead_legal_entity(ClientEntity) -> Saved;
    /// Takes a legal entity from a client; it stays with its others.
    unlink_legal_entity(ClientEntity) -> Saved;
    /// Clients on this device that look like one about to be made.
    similar_clients(LikeClient) -> Vec<SimilarClient>;
    /// Clients on this device that are known by something this one is known by, too.
    alike_clients(ClientKey) -> Vec<SimilarClient>;
    /// Clients of one's people that may have been made twice.
    twins(Nothing) -> Twins;
    /// Says that two clients are not the same, or takes that back.
    tell_apart(TellApart) -> Saved;
    /// Clients side by side, with what a merge would make of each field.
    compare_clients(CompareClients) -> Comparison;
    /// Makes one client of several; taken back by an order.
    merge_clients(MergeClients) -> CommandView;
    /// Everything a client's card shows at first sight.
    client_card(ClientKey) -> ClientCard;
    /// Why this person sees a client.
    why_client(ClientKey) -> Vec<Reason>;
    /// A later page of a client's history.
    client_history(HistoryRequest) -> HistoryPage;
    /// The start screen.
    today(TodayRequest) -> Today;
    /// Logs an interaction that has happened.
    log_interaction(LogInteraction) -> Saved;
    /// Plans an interaction.
    plan_interaction(PlanInteraction) -> Saved;
    /// Notes what came of a planned interaction.
    note_result(NoteResult) -> Saved;
    /// Interactions by list request, with everything a row of them shows.
    interactions(ListRequest) -> InteractionPage;
    /// What looks wrong in values as typed: tax numbers, accounts; never blocks anything.
    check_fields(CheckFields) -> Vec<FieldWarning>;
    /// All colleagues.
    people(Nothing) -> Vec<Person>;
    /// What an order would do.
    rehearse(RehearseOrder) -> Rehearsal;
    /// Gives an order; it is applied in order at the next contact.
    give_order(GiveOrder) -> CommandView;
    /// Hands several planned interactions over to a colleague, an order each, or says what that would do.
    hand_over_many(HandOverMany) -> HandedOver;
    /// Orders given here, latest first.
    orders(Nothing) -> Vec<CommandView>;
    /// Who is away, who stands in, until when, as far as it is this person's business.
    absences(Nothing) -> Vec<AbsenceRow>;
    /// Who could stand in for somebody: a proposal to be changed by hand; works offline.
    propose_cover(ProposeCover) -> CoverProposal;
    /// What stands in the way of finishing a dismissal.
    dismissal(AbsenceKey) -> DismissalState;
    /// The people a supervisor looks after, with their load.
    team(Nothing) -> Vec<TeamRow>;
    /// The devices this person may see.
    devices(Nothing) -> Vec<DeviceRow>;
    /// Late edits that wait for this person's decision.
    proposals(Nothing) -> Vec<ProposalRow>;
    /// Takes single values over from a late edit and leaves the rest of it out.
    pick_values(PickValues) -> CommandView;
    /// What became of one's own edits that were not simply taken in.
    receipts(Nothing) -> Vec<ReceiptView>;
    /// Forgets a receipt whose matter is closed.
    forget_receipt(ReceiptKey) -> Nothing;
    /// What is not sent, and why; of what merely waits the first 500.
    outbox(Nothing) -> Vec<OutboxItem>;
    /// Sends an item again.
    retry_item(OutboxKey) -> Nothing;
    /// Confirms an order that was sent back, as the server would carry it out now.
    confirm_item(OutboxKey) -> Nothing;
    /// Takes an item back.
    withdraw_item(OutboxKey) -> TakenBack;
    /// What the person must be told.
    notices(Nothing) -> Vec<Notice>;
    /// Dismisses a notice.
    dismiss_notice(NoticeKey) -> Nothing;
    /// Keeps half-typed text over a kill.
    save_draft(Draft) -> Nothing;
    /// Gives half-typed text back.
    draft(DraftKey) -> Draft;
    /// Looks file, records and views of this device over and puts right what can be.
    check_device(Nothing) -> DeviceCheck;
    /// Makes a new database of what can be read of a damaged one; the rest is fetched from the server.
    rescue_device(Nothing) -> DeviceRescue;
    /// Opens a file to be imported; its bytes follow in pieces.
    import_open(ImportOpen) -> ImportState;
    /// Takes a piece of the file.
    import_piece(ImportPiece) -> Nothing;
    /// Says what is in a file and proposes where its columns go.
    import_look(ImportLook) -> ImportPreview;
    /// Goes through all rows without writing anything; answers at once.
    import_check(ImportPlan) -> ImportState;
    /// Writes all rows as they were tried last; answers at once.
    import_run(ImportKey) -> ImportState;
    /// Stops the import at work; what was written stays.
    import_stop(ImportKey) -> ImportState;
    /// Where an import stands.
    import_state(ImportKey) -> ImportState;
    /// The imports remembered on this device.
    imports(Nothing) -> Vec<ImportState>;
    /// Rows that were not taken, or would not be.
    import_rejects(ImportRejects) -> Vec<ImportFault>;
    /// A table of the rows that were not taken, each with the reason.
    import_reject_file(ImportRejectFile) -> FileMade;
    /// Takes an import back, updates included, wherever its values still stand; answers at once.
    import_undo(ImportKey) -> ImportState;
    /// Forgets an import and how to take it back.
    import_forget(ImportKey) -> Nothing;
    /// Makes a file of a list as it is shown.
    export(ExportRequest) -> FileMade;
    /// Makes an archive of everything this person holds here.
    export_all(Nothing) -> FileMade;
    /// A piece of a file that was made.
    file_piece(FilePieceRequest) -> FilePiece;
    /// Versions, counts and sync errors for support; no personal data.
    diagnostics(Nothing) -> TextBody;
}
