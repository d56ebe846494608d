//! The interaction: meeting, visit, call, letter, message, or a plan whose channel is still open
//! (C-028..C-036, C-046..C-052).

crate::kind! {
    interaction, title: SUBJECT, home: UnderClientByAdd, open_when: Some(("state", "planned")), {
        /// How; may change until it is held, and organisations add their own.
        CHANNEL: String = choice("channel",
            &["meeting", "visit", "call", "email", "sms", "conference", "open", "other"]).required().in_list();
        /// Whether it happened.
        STATE: String = choice("state", &["planned", "held", "cancelled"]).in_list();
        /// Topic.
        SUBJECT: String = text("subject").search().in_list();
        /// What is to be done.
        DESCRIPTION: String = memo("description").search();
        /// When it begins; for a call or letter its date.
        STARTS_AT: chrono::DateTime<chrono::Utc> = instant("starts_at").in_list();
        /// When it ends.
        ENDS_AT: chrono::DateTime<chrono::Utc> = instant("ends_at");
        /// Who is to do it; the office and the person himself decide.
        ASSIGNED: UserId = user("assigned").from_authority().in_list();
        /// What came of it, in one word.
        OUTCOME: String = choice("outcome", &["reached", "agreed", "refused", "call_back", "other"]).in_list();
        /// What came of it, in words.
        RESULT: String = memo("result").search().in_list();
        /// Day of the next contact: date "X" (C-052).
        NEXT_CONTACT: chrono::NaiveDate = day("next_contact");
        /// With whom of the client's people.
        PERSONS: Vec<EntryOf<RecordId>> = many(reference("persons", "person"));
        /// Who of ours did it (C-050).
        CONTACTOR: UserId = user("contactor");
        /// Minutes it took.
        EFFORT: i64 = int("effort");
        /// What it is for, where that is more than its topic says.
        PURPOSE: String = choice("purpose", &["details"]);
        /// The interaction this one follows from.
        PREVIOUS: RecordId = reference("previous", "interaction");
    }
}
