package dev.fluxion.examples;

import dev.fluxion.data.Rng;
import dev.fluxion.files.Table;
import dev.fluxion.files.Texts;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Remarks of guests, made by program: complaints, praise and questions. Single words do not tell them apart: "not bad" is praise, and what
 * follows "although" does not count.
 */
final class Remarks {
    private static final String PRAISE = "praise";
    private static final String COMPLAINT = "complaint";
    private static final String QUESTION = "question";

    private static final List<String> GOOD =
            List.of("good", "great", "lovely", "excellent", "delightful", "superb", "pleasant", "splendid");
    private static final List<String> BAD =
            List.of("bad", "awful", "terrible", "poor", "dreadful", "disappointing", "horrible", "dull");
    private static final List<String> THINGS = List.of(
            "room", "food", "breakfast", "staff", "view", "music", "bed", "service", "garden", "coffee", "bar", "pool");
    private static final List<String> DEGREES = List.of("", "", "really ", "quite ", "truly ", "very ");
    private static final List<String> ASIDES = List.of(
            "We came on a Friday.",
            "It rained all day when we arrived.",
            "My sister was with us.",
            "We stayed for three nights.",
            "It was our second visit.",
            "We had booked in spring.");

    private final Rng random;

    private Remarks(Rng random) {
        this.random = random;
    }

    /** Remarks with their kinds. They depend on the seed, a remark on nothing but this and its number. */
    static Texts of(int count, long seed) {
        List<String> kinds = List.of(COMPLAINT, PRAISE, QUESTION);
        return Texts.of(
                Table.of(List.of("text", "kind"), IntStream.range(0, count).mapToObj(i -> {
                    String kind = kinds.get(i % kinds.size());
                    return List.of(new Remarks(new Rng(seed, i)).remark(kind), kind);
                })),
                "text",
                "kind");
    }

    private String remark(String kind) {
        String core =
                switch (kind) {
                    case PRAISE -> opinion(true);
                    case COMPLAINT -> opinion(false);
                    default -> question();
                };
        String said = sentence(core) + (kind.equals(QUESTION) ? "?" : ".");
        String before = random.chance(0.5) ? one(ASIDES) + " " : "";
        String after = random.chance(0.3) ? " " + one(ASIDES) : "";
        return before + said + after;
    }

    private String opinion(boolean pleased) {
        return switch (random.below(4)) {
            case 0 -> "although " + plain(!pleased) + ", " + plain(pleased);
            case 1 -> "I would " + (pleased ? "gladly" : "never") + " come back for the " + one(THINGS);
            default -> plain(pleased);
        };
    }

    private String plain(boolean pleased) {
        String thing = "the " + one(THINGS) + " was ";
        return random.chance(0.4)
                ? thing + "not " + one(pleased ? BAD : GOOD) + (random.chance(0.5) ? " at all" : "")
                : thing + one(DEGREES) + one(pleased ? GOOD : BAD);
    }

    private String question() {
        String thing = one(THINGS);
        return switch (random.below(3)) {
            case 0 -> "is the " + thing + " " + one(DEGREES) + one(random.chance(0.5) ? GOOD : BAD);
            case 1 -> "when does the " + thing + " open";
            default -> "does anyone know if the " + thing + " is " + one(random.chance(0.5) ? GOOD : BAD);
        };
    }

    private String one(List<String> some) {
        return some.get(random.below(some.size()));
    }

    private static String sentence(String words) {
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }
}
