package dev.fluxion.files;

import dev.fluxion.ir.Legible;
import java.math.BigDecimal;
import java.util.List;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static void requireAtLeast(String call, String argument, int least, int x) {
        if (x < least) {
            throw new IllegalArgumentException(call + ": " + argument + " must be at least " + least + " but is " + x);
        }
    }

    static String samples(int bits, int most) {
        return "expected whole numbers from 0 on of at most " + most + " bits but got numbers of " + bits
                + " bits, which may be fractions or negative";
    }

    static String missing() {
        return "no such file";
    }

    static String notAFile() {
        return "expected a regular file";
    }

    static String noFolder() {
        return "no such folder";
    }

    static String notAFolder() {
        return "expected a folder";
    }

    static String unreadable(Exception reason) {
        return "cannot be read: " + reason;
    }

    static String openQuote(long line) {
        return "the quote on line " + line + " is never closed";
    }

    static String behindQuote(long line, int found) {
        return "line " + line + ": after a closing quote there must be the end of the field, not '" + (char) found
                + "'; a quote within quotes is written twice";
    }

    static String longField(long line, int most) {
        return "the field on line " + line + " has more than " + most + " characters; is a quote not closed?";
    }

    static String notUtf8(long line) {
        return "not in UTF-8, about line " + line;
    }

    static String noUtf8() {
        return "not in UTF-8";
    }

    static String badChannels(int channels) {
        return "ImageFiles: an image has 1 channel or 3, not " + channels;
    }

    static String binary() {
        return "not a text: it has a character 0";
    }

    static String longText(long most) {
        return "more than " + most + " bytes, which is too much for a text";
    }

    static String badDelimiter(char delimiter) {
        return "read: fields cannot be divided by " + (delimiter == '"' ? "quotes" : "line ends");
    }

    static String noHeader() {
        return "empty; expected a first line with the names of the columns";
    }

    static String badHeader(List<String> columns) {
        return "each column needs a name of its own, but they are " + Legible.list(columns);
    }

    static String fields(long line, int found, int expected) {
        return "line " + line + " has " + found + " fields where the first line has " + expected;
    }

    static String cells(int row, int found, int expected) {
        return "row " + row + " has " + found + " cells for " + expected + " columns";
    }

    static String noColumn(String column, List<String> columns) {
        return "there is no " + column(column) + "; there are " + Legible.list(columns);
    }

    static String columnTwice(String name) {
        return "Columns: " + column(name) + " is named twice";
    }

    static String noFeatures() {
        return "fit: name columns with numbers(…) or categories(…)";
    }

    static String noValues(String column) {
        return column(column) + " has no values to learn from";
    }

    static String narrow(String column, double least, double most) {
        return column(column) + " goes from " + plain(least) + " to " + plain(most)
                + ", which numbers of 32 bits hardly tell apart; subtract " + plain(least)
                + " from it, or make it a category";
    }

    /** A column by its name, which may be that of a file. */
    private static String column(String name) {
        return "column '" + Legible.of(name) + "'";
    }

    private static String plain(double x) {
        return BigDecimal.valueOf(x).stripTrailingZeros().toPlainString();
    }

    static String noNumber(String place, String column, String cell) {
        return place + ": " + column(column) + " must be a finite number but is '" + Legible.of(cell) + "'";
    }

    static String missingTarget(String place, String column) {
        return place + ": " + column(column) + " is missing";
    }

    static String otherClass(String place, String column, String cell, List<String> classes) {
        return place + ": " + column(column) + " is '" + Legible.of(cell) + "', which no training row has; there are "
                + Legible.list(classes);
    }

    static String noRows() {
        return "the table has no rows";
    }

    static String noTarget() {
        return "dataset: the columns have no label(…) or target(…)";
    }

    static String noFeaturesInCard() {
        return "the card tells of no features; a model gets them with export(file, features.card())";
    }

    static String badCard(String text) {
        return "the card's features are not what card() writes: " + text;
    }

    static String noClasses() {
        return "expected a folder for each class within";
    }

    static String linkAround() {
        return "a link to a folder that it lies in";
    }

    static String noFiles(List<String> endings) {
        return "no file that ends with " + String.join(", ", endings);
    }

    static String offline() {
        return "not there, and nothing may be fetched: -Dfluxion.offline or offline(true) forbids it";
    }

    static String noMirror(List<String> told) {
        return told.isEmpty() ? "there is no mirror" : "no mirror gives the file; " + String.join("; ", told);
    }

    static String fetchedElsewhere() {
        return "another thread or program is fetching it";
    }

    static String otherSum(String expected, String found) {
        return "the SHA-256 must be " + expected + " but is " + found;
    }

    static String status(int status) {
        return "status " + status;
    }

    static String otherRange(long from, String range) {
        return "asked for bytes from " + from + " on but got " + range;
    }

    static String noAddress() {
        return "no address of HTTP";
    }

    static String tooMuch(long most) {
        return "more than " + most + " bytes";
    }

    static String brokeOff(long there, long total) {
        return "broke off after " + there + " of " + total + " bytes; the next call goes on there";
    }

    static String badArchive(Exception reason) {
        return "no archive that can be unpacked: " + reason;
    }

    static String archiveLacks(List<String> names) {
        return "the archive lacks " + String.join(", ", names);
    }

    static String noImage() {
        return "no image: it begins neither as PNG nor as JPEG";
    }

    static String largeImage(int width, int height, long most) {
        return "the image has " + width + "×" + height + " pixels, more than the " + most + " that a reader accepts";
    }

    static String thinImage(int width, int height, int toWidth, int toHeight) {
        return "the image of " + width + "×" + height + " pixels is too long and thin to cover " + toWidth + "×"
                + toHeight + "; stretched() takes it as it is";
    }

    static String cutOffImage() {
        return "no image that can be read: the file ends before the image does";
    }

    static String badImage(Exception reason) {
        return "no image that can be read: " + reason;
    }
}
