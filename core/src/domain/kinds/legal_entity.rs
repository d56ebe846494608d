//! The legal entity: the counterparty of statutory accounting, linked to partners many to many (C-005..C-007).

crate::kind! {
    legal_entity, title: REGISTERED_NAME, home: UnderClient, {
        /// Name in the register; surname, first name and patronymic of a person.
        REGISTERED_NAME: String = text("registered_name").required().search().personal().in_list();
        /// Which identifier rules apply.
        ENTITY_KIND: String = choice("entity_kind", &["legal_entity", "sole_trader", "natural_person"]).in_list();
        /// Whose register; never guessed from the number.
        COUNTRY: String = choice("country", &["ru", "ua", "by", "kz", "other"]);
        /// INN, IPN or UNP.
        TAX_NUMBER: String = text("tax_number").search().personal().in_list();
        /// OGRN, OGRNIP or EDRPOU.
        REGISTRY_NUMBER: String = text("registry_number").search().personal().in_list();
        /// KPP.
        BRANCH_NUMBER: String = text("branch_number");
        /// Address in the register.
        LEGAL_ADDRESS: String = text("legal_address").personal();
        /// Settlement account or IBAN.
        ACCOUNT: String = text("account").personal();
        /// Whatever else matters.
        NOTE: String = note("note").search().personal();
    }
}
