//! The signs of what stands in an article's place: data for [`super::judge`], in the languages we have met.
//!
//! To add a sign, add it to its row; signs of a row are parted by bars.

use super::Instead;

/// A sort of page and its signs, parted by bars.
pub(super) type Signs = &'static [(Instead, &'static str)];

/// Titles of such pages, as words. A title that is one, but for two more words, is a strong sign.
pub(super) const TITLES: Signs = &[
    (
        Instead::BotCheck,
        "just a moment|attention required|access denied|access to this page has been denied|\
         verify you are human|are you a robot|robot or human|checking your browser|\
         pardon our interruption|security check|bot verification|human verification|ddos guard|\
         request unsuccessful|403 forbidden|forbidden|nur einen moment|un instant|un momento",
    ),
    (
        Instead::Consent,
        "before you continue|before you proceed|your privacy choices|privacy settings|cookie consent|\
         we value your privacy|your data your experience|consent|privacy gate|cookiewall|cookie wall|\
         bevor sie fortfahren|bevor du fortfährst|datenschutzeinstellungen|zustimmung|\
         avant de continuer|antes de continuar|prima di continuare|voordat je verdergaat",
    ),
    (
        Instead::Login,
        "log in|login|sign in|sign up|log in or sign up|sign in to continue|subscribe to continue|\
         register to continue|anmelden|anmeldung|einloggen|connexion|se connecter|identifiez vous|\
         iniciar sesión|acceso|accedi|inloggen|entrar|logga in|zaloguj się",
    ),
    (
        Instead::Soft404,
        "page not found|not found|404|404 not found|404 page not found|error 404|404 error|\
         page unavailable|page no longer available|article not found|content not found|\
         this page doesn't exist|this page isn't available|content unavailable|page cannot be found|\
         seite nicht gefunden|page introuvable|page non trouvée|página no encontrada|\
         página não encontrada|pagina non trovata|pagina niet gevonden|sidan hittades inte|\
         siden blev ikke fundet|nie znaleziono strony|страница не найдена|сторінку не знайдено",
    ),
];

/// Names of hosts and parts of paths that such pages have and articles have not.
pub(super) const PLACES: Signs = &[
    (Instead::Consent, "consent|cookie-consent|privacy-gate|cookiewall|cookie-wall|cmp|gdpr"),
    (Instead::Login, "login|log-in|signin|sign-in|signup|auth|sso|accounts|register|subscribe|paywall"),
    (Instead::BotCheck, "captcha|blocked|challenge|verify|denied|unsupported-browser"),
    (Instead::Soft404, "404|404.html|404.php|not-found|notfound|page-not-found|error|errors"),
];

/// What only such pages hold.
pub(super) const MARKS: Signs = &[
    (
        Instead::BotCheck,
        "_cf_chl_opt|Enable JavaScript and cookies to continue|captcha-delivery.com/c.js|px-captcha|\
         _Incapsula_Resource|awsWafCookieDomainList|Checking if the site connection is secure",
    ),
    (Instead::Consent, "action=\"https://consent.|consent-page|collectConsent"),
    (Instead::Login, "login-page|page-login"),
    (Instead::Soft404, "error404|error-404|page-404|page-not-found"),
];
