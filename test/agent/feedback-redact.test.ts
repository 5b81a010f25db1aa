import { array, assert, constantFrom, property, tuple } from "fast-check";
import { expect, test } from "vitest";
import { Redactor } from "../../agent/feedback/redact/redact.ts";

function redacted(text: string): string {
  return new Redactor("personal").text(text);
}

test.each([
  ["Write to hugo.meier+orders@example.co.uk.", "Write to [EMAIL]."],
  ["<a@b.de>,(c_d@e-f.example)", "<[EMAIL]>,([EMAIL])"],
  ["mail=jörg@müller.example&x", "mail=[EMAIL]&x"],
  ["My IBAN is DE89 3704 0044 0532 0130 00, thanks", "My IBAN is [IBAN], thanks"],
  ["CH9300762011623852957", "[IBAN]"],
  ["gb29 nwbk 6016 1331 9268 19!", "[IBAN]!"],
  ["card 4111 1111 1111 1111 exp 12/29", "card [CARD] exp 12/29"],
  ["378282246310005 and 5555-5555-5555-4444", "[CARD] and [CARD]"],
  ["order 4242 4111 1111 1111 1111", "order 4242 [CARD]"],
  ["from 192.168.0.17:8080 or 10.0.0.1-10.0.0.9", "from [IP]:8080 or [IP]-[IP]"],
  ["host 2001:db8::8a2e:370:7334 (fe80::1)", "host [IP] ([IP])"],
  ["Call +49 (0)69 1234-5678 or 0041 44 668 18 00", "Call [PHONE] or [PHONE]"],
  ["Tel. 069/1234567, mobile: 0171 1234567", "Tel. [PHONE], mobile: [PHONE]"],
  ["01 23 45 67 89, 079 123 45 67, 01701234567", "[PHONE], [PHONE], [PHONE]"],
  ["(555) 123-4567 and 555-123-4567", "[PHONE] and [PHONE]"],
  ["Fax: 668 18 00; tel 6681800", "Fax: [PHONE]; tel [PHONE]"],
  ["069 123456 30.09.2026", "[PHONE] 30.09.2026"],
])("what points to a person is replaced: %s", (text, expected) => {
  expect(redacted(text)).toBe(expected);
});

test.each([
  "I do not want keyboard 6823 any more. Hugo",
  "invoice 4711, parcel 0815, order 2026-0042, ticket #123456",
  "on 2026-09-30, 30.09.2026 12:30, 01.02.2026 08.15-09.45, 09/30/2026",
  "it costs 1,234.50 EUR, 0.99 or 12'000.00 CHF, 1 000 000 units, 100 200 300",
  "version 1.2.3.4, v10.0.19041.1, node 26.10.0, package-1.2.3.4, section 1.2.3.4",
  "at 12:30:45, 00:00:00.000, ratio 16:9, std::vector and A::B, ::1",
  "card 4111 1111 1111 1112, DE89370400440532013001, 999.1.1.1",
  "parcel 00340434161094042557 and 1Z999AA10123456784",
  "user@localhost, @mention, a@, look @ this.one",
  "phone the shop, tel aviv, mobile 2026-09-30",
])("what does not stays: %s", (text) => {
  expect(redacted(text)).toBe(text);
});

test("every kind is counted, and the profile nothing leaves all as it is", () => {
  const text = "a@b.de c@d.de 10.1.2.3 +41446681800 DE89370400440532013000 4111111111111111";
  const personal = new Redactor("personal");
  personal.text(text);
  personal.text("e@f.de");
  expect(personal.counts).toEqual({ EMAIL: 3, IP: 1, PHONE: 1, IBAN: 1, CARD: 1 });
  const nothing = new Redactor("nothing");
  expect(nothing.text(text)).toBe(text);
  expect(nothing.counts).toEqual({});
});

test("a planted secret is gone, whatever words stand around it", () => {
  const secrets = [
    ...["a.b@c-d.example", "+41 44 668 18 00", "192.168.1.1", "fe80::1234", "069 1234567"],
    ...["4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "0171/1234567"],
  ];
  const words = array(
    constantFrom("an", "Ordnung", "6823", "tel", "(", "—", "2026-09-30", "\n", "é"),
  );
  const planted = tuple(words, constantFrom(...secrets), constantFrom(" ", ", ", "\n"), words);
  void assert(
    property(planted, ([before, secret, end, after]) => {
      const text = [...before, "x", secret].join(" ") + end + after.join(" ");
      expect(redacted(text)).not.toContain(secret);
    }),
  );
});

test.each([
  "@",
  "a@",
  "a.",
  "a@b.",
  "1 ",
  "1-",
  "01 ",
  "+1",
  "0(",
  "DE89",
  "DE89 ",
  "::",
  "a:",
  "1.",
  "tel ",
  "4 ",
])("hostile text takes time in proportion to its length: %j", (unit) => {
  const timeOf = (length: number) => {
    const text = unit.repeat(length / unit.length);
    const start = performance.now();
    redacted(text);
    return performance.now() - start;
  };
  timeOf(20_000);
  // Sixteen times the text: quadratic would be 256 times the time. The constant absorbs a busy machine.
  expect(timeOf(320_000)).toBeLessThan(timeOf(20_000) * 64 + 400);
});
