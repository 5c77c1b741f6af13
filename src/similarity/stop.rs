//! Words that say nothing about an event: which language they belong to, and which are merely common in news.
//!
//! In comes a word in lower case, out goes what is known about it. The lists are our own and short on purpose: the
//! window's own document frequencies do the rest. They never hold names.

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::RandomState;

/// The languages that have a list, as ISO 639-1 codes. The place in this array is the bit in a [`Known`] mask.
pub(crate) const LANGUAGES: [&str; 8] = ["en", "de", "fr", "es", "it", "pt", "nl", "ru"];

const EN: &str = "a about above after again against all also am amid among an and any are as at be because been before \
    being below between both but by can cannot could did do does doing down during each else even ever every few for \
    from further get gets got had has have having he her here hers him himself his how i if in into is isn't it its \
    itself just like may me might more most much must my myself no nor not now of off on once only onto or other our \
    ours out over own per same she should since so some still such than that the their theirs them themselves then \
    there these they this those though through to too under until up upon us very via was we were what when where \
    whether which while who whom whose why will with within without would yet you your yours don't doesn't didn't \
    won't can't couldn't wouldn't aren't wasn't weren't hasn't haven't it's that's there's he's she's they're we're \
    i'm you're let's mr mrs ms dr inc corp ltd co";
const DE: &str = "aber alle als also am an auch auf aus bei beim bin bis bist da damit dann das dass dem den denn der des \
    die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es etwas euch für \
    gegen hat hatte haben hier ich ihm ihn ihr ihre ihrem ihren ihrer im in ins ist ja kann kein keine können man mehr \
    mit muss nach nicht noch nun nur ob oder ohne sehr sein seine seinem seinen seiner sich sie sind so soll sollen \
    über um und uns unter vom von vor war waren was weil wenn wer werden wie wieder will wir wird wo zu zum zur zwischen";
const FR: &str = "à afin ai ainsi alors après au aucun aussi autre aux avant avec avoir c ce cela celle celui ces cet cette \
    ceux chez comme contre d dans de depuis des du elle elles en encore entre est et été être eu eux fait font il ils j \
    je l la le les leur leurs lors lui m ma mais me même mes moins mon n ne non nos notre nous on ont ou où par pas \
    pendant peu peut plus pour pourquoi qu quand que quel quelle qui s sa sans se sera ses si son sont sous sur t ta te \
    tous tout toute très tu un une vers vos votre vous y c'est d'un d'une n'est qu'il";
const ES: &str = "a al algo ante antes aquí así aún cada como con contra cual cuando de del desde donde dos durante e el él \
    ella ellos en entre era eran es esa ese eso esta está estaba este esto estos fue fueron ha había han hasta hay la \
    las le les lo los más me mi mientras muy ni no nos o otra otro para pero poco por porque que qué quien se según ser \
    si sí sin sobre son su sus también tan tanto te tiene todo todos tras tu un una uno unos y ya yo";
const IT: &str = "a ad ai al alla alle allo anche ancora c che chi ci come con contro cui da dai dal dalla dalle dei del \
    della delle dello di dopo dove e è ed era essere fa fino fra gli ha hanno i il in io l la le lei li lo loro lui ma \
    mentre mi nei nel nella nelle noi non o ogni oggi per perché più poi prima qual quando quanto quella quello questa \
    questo qui se sei senza si sia sono sta stato su sua sugli sui sul sulla suo suoi tra tutti tutto un una uno";
const PT: &str = "a ainda ao aos após as até com como contra da das de dela dele depois do dos e é ela ele eles em entre era \
    essa esse esta está estava este eu foi foram há isso já la lhe mais mas me mesmo meu minha muito na nas nem no nos \
    não num numa o onde os ou para pela pelo pelos por porque qual quando que quem se sem ser será seu seus sobre são \
    só sua suas também tem têm ter teve todo todos um uma umas uns você";
const NL: &str = "aan al alle als altijd andere bij daar dan dat de der deze die dit doen door dus een en er ge geen geweest \
    haar had heb hebben heeft hem het hier hij hoe hun ik in is ja je kan kon kunnen maar me meer men met mij mijn moet \
    na naar niet niets nog nu of om omdat onder ons ook op over reeds te tegen toch toen tot u uit uw van veel voor want \
    waren was wat we wel werd wie wij wil worden wordt zal ze zei zelf zich zij zijn zo zonder zou";
const RU: &str = "а без более больше будем будет будете будто будут бы был была были было быть в вам вами вас ваш ваша ваше ваши \
    вдруг ведь весь во вообще вот впрочем все всего всей всем всеми всему всех всею всё вся всю вы где да даже для до его ее \
    ей ему если есть еще ещё её же за здесь и из или им именно ими их к каждый как какая какие каким каких какого какой \
    когда конечно которая которого которое которой котором которому которую которые который которым которыми которых кроме \
    кто куда лишь ли либо лучше между менее меня мне много мной мною мог могла могли могло могу могут может можно мои мой моя \
    мы на над надо нам нами нас наш наша наше нашего нашей наши наших не него нее ней нельзя нем нет неё ни нибудь никогда \
    ним ними них ничего но ну нём о об обо один одна одни одно одного одной однако он она они оно опять от ото очень перед по \
    под поэтому после потом потому почему почти поскольку пока при про просто против раз разве с сам сама само самого самой \
    самом самые самый самых свое своего своей своем свои свой своим своими своих свою своя своё себе себя сейчас со собой \
    собою среди так такая также такие таким таких такого такое такой такую там твой те тебе тебя тем теми теперь то тобой \
    тогда того той только том тому тот тоже ту туда тут ты у уж уже хоть хотя чего чей чем через что чтоб чтобы чуть чье чья \
    чьё эта эти этим этими этих это этого этой этом этому этот эту я является являются";

/// Words of every second headline: they count, but less than their frequency in a small window would have it.
const COMMON: &str = "say says said saying new news report reports reported reporting year years day days week weeks month \
    months today yesterday tomorrow monday tuesday wednesday thursday friday saturday sunday january february march \
    april june july august september october november december time times people man men woman women child children \
    first last next one two three four five six seven eight nine ten million billion thousand hundred percent make \
    makes made take takes took taken go goes going come comes came see sees seen show shows showed call calls called \
    plan plans planned set back big top best good bad high low old young long way part part end start begin world \
    country state states national government official officials president minister company companies group \
    according source sources statement announce announces announced reveal reveals revealed claim claims claimed find \
    finds found know think want need use used help give gives given tell tells told ask asks asked face faces faced hit \
    hits leave leaves left live update updates updated breaking video watch photo photos picture pictures exclusive \
    opinion analysis many another former major latest early late near around home house city local public police \
    case court law deal talk talks issue issues move moves work works job jobs life dead death die dies died kill \
    kills killed attack attacks million";

/// What the lists say about a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Bit n: a stop word of `LANGUAGES[n]`.
    pub stop: u8,
    /// Common in English news.
    pub common: bool,
}

/// Only looked up, never walked: its order reaches no output.
static WORDS: LazyLock<HashMap<&'static str, Known, RandomState>> = LazyLock::new(|| {
    let mut words: HashMap<&'static str, Known, RandomState> = HashMap::default();
    for (place, list) in [EN, DE, FR, ES, IT, PT, NL, RU].into_iter().enumerate() {
        for word in list.split_whitespace() {
            words.entry(word).or_default().stop |= 1 << place;
        }
    }
    for word in COMMON.split_whitespace() {
        words.entry(word).or_default().common = true;
    }
    words
});

/// What is known about `word` (lower case).
pub(crate) fn known(word: &str) -> Known {
    WORDS.get(word).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_in_their_languages() {
        let check = |word: &str, languages: &[&str], common: bool| {
            let known = known(word);
            for (place, language) in LANGUAGES.iter().enumerate() {
                assert_eq!(known.stop & (1 << place) != 0, languages.contains(language), "{word} in {language}");
            }
            assert_eq!(known.common, common, "{word}");
        };
        check("the", &["en"], false);
        check("und", &["de"], false);
        check("не", &["ru"], false);
        check("é", &["pt"], false);
        check("says", &[], true);
        check("inferentia", &[], false);
    }
}
