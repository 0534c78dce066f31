package dev.fluxion.reports;

import dev.fluxion.ir.Legible;
import java.nio.file.Path;
import java.util.List;

/** Every message of this module. */
final class Errors {
    private Errors() {}

    static String fields(Path file, int line, int expected, int actual) {
        return file + ", line " + line + ": expected " + expected + " fields but got " + actual;
    }

    static String noNumber(Path file, int line, String column, String text) {
        return file + ", line " + line + ": '" + Legible.of(column) + "' must be a number but is '" + Legible.of(text)
                + "'";
    }

    static String columns(Path file, List<String> expected, List<String> actual) {
        return file + ": expected the columns " + expected + " but got " + Legible.list(actual);
    }

    static String damaged(Path folder, Exception reason) {
        return folder + ": a file of the run is damaged: " + reason.getMessage();
    }

    static String noColumn(String name, List<String> columns) {
        return "there is no column '" + name + "'; there are " + Legible.list(columns);
    }

    static String noRun(Path folder) {
        return folder + ": this is no folder of a run; it has no file " + Run.FACTS;
    }

    static String notFacts(Path file, int line) {
        return file + ", record " + line + ": expected a name and a text";
    }

    static String runExists(Path folder) {
        return folder
                + ": there is a run already; choose another folder, or RunRecorder.numbered(…), which does. Only a training"
                + " that goes on from a checkpoint goes on with its run";
    }

    static String mistakes(int most) {
        return "mistakes: the number must be at least 0 but is " + most;
    }

    static String every(int steps) {
        return "every: the number of steps must be at least 1 but is " + steps;
    }

    static String eventsExist(Path folder) {
        return folder
                + ": there are event files already; choose another folder. Only a training that goes on from a checkpoint goes on"
                + " with them";
    }

    static String noTraining() {
        return "folder: no training has begun that this recorder listens to";
    }

    static String notAFolder(Path folder) {
        return folder + ": this is no folder";
    }

    static String runName(String name) {
        return "numbered: the name of a run must be the name of a folder but is '" + Legible.of(name) + "'";
    }
}
