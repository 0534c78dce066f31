package dev.fluxion.testing;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String badRange(double least, double most) {
        return "a range must be finite and not empty but is " + least + " to " + most;
    }

    static String nothingLeft(double least, double most) {
        return "no number between " + least + " and " + most + " is far enough from those to avoid";
    }

    static String tooNarrow(double least, double most, int count) {
        return "there is no room between " + least + " and " + most + " for " + count + " different numbers";
    }

    static String badRanks(int least, int most) {
        return "ranks must be from 0 up, the least not above the most, but are " + least + " to " + most;
    }

    static String badExtent(int most) {
        return "the largest extent must be at least 1 but is " + most;
    }

    static String noClasses(int classes) {
        return "there must be at least 1 class but there are " + classes;
    }

    static String noClassAxis(int rank) {
        return "targets over classes need outputs N×C or N×C×…, of rank 2 at least, but the rank may be " + rank;
    }
}
