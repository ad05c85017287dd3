"""Tables in the encodings that people have: read rightly, or asked about; never read in silence."""

import pytest

from etabli.engine.recipes.__main__ import check
from etabli.engine.tables.encodings import (
    ENCODINGS,
    UnknownEncodingError,
    known_encoding,
)
from etabli.engine.tables.reading import open_table
from etabli.foundation.errors import InvalidInputError

SENTENCES = {
    "Russian": "Где мой заказ?|Посылка не пришла|Хочу вернуть деньги|Экран разбит|"
    "Курьер так и не приехал|Не могу войти в личный кабинет|Как изменить адрес доставки?|"
    "Списали деньги дважды|Товар пришёл повреждённым|Когда вы открываетесь?",
    "Ukrainian": "Де моє замовлення?|Посилка не прийшла|Хочу повернути гроші|Екран розбитий|"
    "Не приїхав кур’єр|Не можу увійти до кабінету|Як змінити адресу доставки?|"
    "Гроші списали двічі|Товар прийшов пошкоджений|Коли ви відчиняєтесь?",
    "Polish": "Gdzie jest moje zamówienie?|Paczka nie doszła|Chcę zwrot pieniędzy|"
    "Ekran jest pęknięty|Kurier nigdy nie przyjechał|Nie mogę się zalogować|"
    "Jak zmienić adres dostawy?|Pobrano opłatę dwukrotnie|Towar przyszedł uszkodzony, proszę|"
    "Kiedy otwieracie sklep w święta?",
    "Czech": "Kde je moje objednávka?|Balík nepřišel|Chci vrátit peníze|Obrazovka je prasklá|"
    "Kurýr vůbec nepřijel|Nemohu se přihlásit|Jak změním dodací adresu?|Peníze strhli dvakrát|"
    "Zboží přišlo poškozené|Kdy máte otevřeno?",
    "Chinese": "我的订单在哪里？|包裹还没有到|我要退款|屏幕碎了|快递员一直没来|我无法登录账户|"
    "怎么修改收货地址？|钱被扣了两次|商品送到时已经损坏|你们什么时候开门？",
    "Japanese": "注文した商品はどこですか？|荷物がまだ届きません|返金してほしいです|"
    "画面が割れています|配達員が来ませんでした|ログインできません|配送先の住所を変更したい|"
    "二重に請求されました|商品が壊れて届きました|営業時間を教えてください",
    "Korean": "제 주문은 어디에 있나요?|소포가 아직 도착하지 않았어요|환불해 주세요|"
    "화면이 깨졌어요|택배 기사가 오지 않았어요|로그인이 안 돼요|배송지를 변경하고 싶어요|"
    "돈이 두 번 나갔어요|상품이 파손되어 왔어요|언제 문을 여나요?",
    "French": "Où est ma commande ?|Le colis n’est pas arrivé|Je voudrais être remboursé|"
    "L’écran est cassé|Le livreur n’est jamais passé|Impossible de me connecter à mon compte|"
    "Comment modifier l’adresse de livraison, s’il vous plaît ?|J’ai été débité deux fois|"
    "L’article reçu est abîmé|À quelle heure ouvrez-vous ?",
    "German": "Wo bleibt meine Bestellung, ich warte seit fünf Tagen|Das Paket fehlt, schöne Grüße|"
    "Ich möchte mein Geld zurück|Der Bildschirm ist zerstört, bitte prüfen|Rückruf erwünscht|"
    "Ich kann mich nicht anmelden, Passwort ungültig|Wie ändere ich die Lieferadresse?|"
    "Der Betrag wurde doppelt abgebucht, Überweisung läuft|Die Ware kam beschädigt an|"
    "Wann öffnen Sie? Viele Grüße aus der Hauptstraße",
    "Spanish": "¿Dónde está mi pedido?|El paquete no llegó|Quiero la devolución|"
    "La pantalla está rota|Nadie llamó|No puedo iniciar sesión|¿Cómo cambio la dirección?|"
    "Me cobraron más de una vez|El artículo llegó dañado|¿Cuándo abren mañana?",
    "Turkish": "Siparişim nerede?|Paket hâlâ gelmedi|Paramı geri istiyorum|Ekran kırılmış|"
    "Kurye hiç gelmedi|Giriş yapamıyorum|Teslimat adresini nasıl değiştiririm?|"
    "İki kez ücret alındı|Ürün hasarlı geldi|Ne zaman açıyorsunuz?",
    "Greek": "Πού είναι η παραγγελία μου;|Το δέμα δεν ήρθε|Θέλω τα χρήματά μου πίσω|Η οθόνη έσπασε|"
    "Ο κούριερ δεν ήρθε ποτέ|Δεν μπορώ να συνδεθώ|Πώς αλλάζω διεύθυνση;|Χρεώθηκα δύο φορές|"
    "Το προϊόν ήρθε χαλασμένο|Πότε ανοίγετε;",
    "Hebrew": "איפה ההזמנה שלי?|החבילה לא הגיעה|אני רוצה החזר כספי|המסך שבור|השליח לא הגיע",
    "Arabic": "أين طلبي؟|لم يصل الطرد|أريد استرداد أموالي|الشاشة مكسورة|لم يأت المندوب",
}
WRITTEN = {
    "Russian": ("cp1251", "koi8_r", "iso8859_5", "cp866"),
    "Ukrainian": ("cp1251",),
    "Polish": ("cp1250", "iso8859_2"),
    "Czech": ("cp1250", "iso8859_2"),
    "Chinese": ("gb18030",),
    "Japanese": ("cp932", "euc_jp"),
    "Korean": ("cp949",),
    "French": ("cp1252", "mac_roman", "cp850"),
    "German": ("cp1252", "mac_roman", "cp850", "iso8859_15"),
    "Spanish": ("cp1252", "mac_roman"),
    "Turkish": ("cp1254",),
    "Greek": ("cp1253",),
    "Hebrew": ("cp1255",),
    "Arabic": ("cp1256",),
}
CASES = [(language, encoding) for language, names in WRITTEN.items() for encoding in names]


def lines_in(language: str, encoding: str) -> list[str]:
    """The sentences, without the marks that the encoding has not."""
    sentences = SENTENCES[language].replace("’", "’" if encoding == "cp1252" else "'")
    return sentences.encode(encoding, "ignore").decode(encoding).split("|")


def table(lines: list[str]) -> str:
    return "text,label\n" + "".join(f'"{line}",{"ab"[n % 2]}\n' for n, line in enumerate(lines))


@pytest.mark.parametrize(("language", "encoding"), CASES)
@pytest.mark.parametrize("rows", [10, 1_000])
def test_real_sentences_are_read_as_they_were_written(tmp_path, language, encoding, rows):
    lines = (lines_in(language, encoding) * rows)[:rows]
    path = tmp_path / "table.csv"
    path.write_bytes(table(lines).encode(encoding))
    file = open_table(path)
    assert [fields[0] for _, fields in file.records()] == lines
    assert file.detection.is_certain


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_of_three_rows_nothing_is_read_wrongly_and_called_certain(tmp_path, language, encoding):
    lines = lines_in(language, encoding)
    for start in range(len(lines) - 2):
        path = tmp_path / "table.csv"
        path.write_bytes(table(lines[start : start + 3]).encode(encoding))
        file = open_table(path)
        read = [fields[0] for _, fields in file.records()]
        assert read == lines[start : start + 3] or not file.detection.is_certain


@pytest.mark.parametrize("language", SENTENCES)
def test_utf8_is_never_doubted(tmp_path, language):
    path = tmp_path / "table.csv"
    path.write_text(table(SENTENCES[language].split("|")[:2]), encoding="utf-8")
    assert open_table(path).detection.is_certain
    assert open_table(path, "cp1251").encoding == "utf-8-sig"


def many(*texts: str) -> str:
    return "text,label\n" + "".join(
        f"{text} {n},{label}\n" for n in range(20) for label, text in zip("ab", texts, strict=True)
    )


def test_what_is_in_doubt_is_said_with_the_names_and_lines(job):
    job.write("train", many("tr\xe8s bien", "fr\xe8re").encode("cp1252"))
    check(job.path)
    (finding,) = [one for one in job.read("check.json")["findings"] if one["code"] == "encoding"]
    assert finding["severity"] == "advise"
    assert finding["text"]["values"]["encoding"] == "Windows-1252"
    assert "Windows-1250" in finding["text"]["values"]["others"]
    assert finding["examples"][0]["text"].startswith("tr\xe8s bien")


def test_a_person_may_say_the_encoding(job):
    job.write("train", many("tr\u010ds", "fr\u010dre").encode("cp1250"))
    job.choose(encoding="windows-1250")
    check(job.path)
    assert job.read("check.json")["understood"]["sample"][0]["text"] == "tr\u010ds 0"
    job.choose(encoding="zlib_codec")
    with pytest.raises(UnknownEncodingError):
        check(job.path)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("CP1251", "cp1251"), ("Windows-1251", "cp1251"), ("Shift_JIS", "cp932"), ("GBK", "gb18030"),
     ("KOI8-R", "koi8_r"), ("latin1", "cp1252"), ("utf-8", "utf-8-sig")],
)  # fmt: skip
def test_encodings_are_known_by_their_usual_names(said, meant):
    assert known_encoding(said) == meant


def test_each_name_that_is_offered_is_known():
    for name, title in ENCODINGS.items():
        assert known_encoding(name) == known_encoding(title) == name


def test_bytes_that_are_no_language_are_refused(tmp_path):
    path = tmp_path / "table.csv"
    noise = bytes(0x80 + n * 37 % 0x80 for n in range(400))
    path.write_bytes(b"text,label\n" + noise.replace(b",", b"") + b",a\n")
    with pytest.raises(InvalidInputError, match="encoding"):
        open_table(path)


def test_utf8_that_is_damaged_is_said_with_its_place(tmp_path):
    path = tmp_path / "table.csv"
    whole = table(SENTENCES["French"].split("|")).encode()
    path.write_bytes(whole + b"\xff,a\n")
    with pytest.raises(InvalidInputError, match="Line 12"):
        open_table(path)
