//! The page behind an enrolment link opened in a browser: it says to paste the link in the app. No script, and
//! nothing of the link in it.

use super::dispatch::{Answer, Request};
use crate::office::Office;

pub fn page(office: &Office, _: &Request<'_>) -> Answer {
    let organisation = office.organisation().ok();
    let language = organisation.as_ref().map_or("en", |organisation| organisation.language.as_str());
    let (title, text) = words(language);
    let name = escaped(organisation.as_ref().map_or("", |organisation| organisation.name.as_str()));
    let language = escaped(language);
    let body = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <h1>{title}</h1>\n<p>{name}</p>\n<p>{text}</p>\n</html>\n"
    );
    Answer { status: 200, content_type: "text/html; charset=utf-8", body: body.into_bytes() }
}

fn words(language: &str) -> (&'static str, &'static str) {
    match language {
        "ru" => (
            "Приглашение в Satchel",
            "Откройте приложение Satchel, выберите «У меня есть ссылка» и вставьте туда адрес этой страницы целиком. \
             Ссылка действует один раз и недолго.",
        ),
        "uk" => (
            "Запрошення до Satchel",
            "Відкрийте застосунок Satchel, виберіть «Я маю посилання» і вставте туди адресу цієї сторінки повністю. \
             Посилання діє один раз і недовго.",
        ),
        _ => (
            "Invitation to Satchel",
            "Open the Satchel app, choose “I have a link” and paste the whole address of this page there. \
             The link works once and not for long.",
        ),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
