//! The contact person of a client (C-023).

crate::kind! {
    person, title: NAME, home: UnderClient, {
        /// Surname, first name, patronymic.
        NAME: String = text("name").required().search().personal().in_list();
        /// What he does there.
        POSITION: String = text("position").search().in_list().leading();
        /// What he decides or does in what we do together.
        ROLE: String = choice("role", &["decides", "advises", "buys", "pays", "receives", "uses", "other"]).in_list();
        /// His phones.
        PHONES: Vec<EntryOf<String>> = many(phone("phones")).search().personal().in_list().leading();
        /// His mail addresses.
        EMAILS: Vec<EntryOf<String>> = many(email("emails")).search().personal().in_list();
        /// Birthday.
        BIRTHDAY: chrono::NaiveDate = day("birthday").personal();
        /// Whatever else matters.
        NOTE: String = note("note").search().personal();
        /// What other programs call him.
        FOREIGN_IDS: Vec<EntryOf<String>> = many(text("foreign_ids")).personal().for_files();
        /// Lines of his address card that mean nothing here and something to another program.
        CARD_LINES: String = memo("card_lines").personal().for_files();
    }
}
