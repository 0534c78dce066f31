package dev.fluxion.io;

import java.util.List;
import java.util.Map;

/**
 * What became of the tensors of a file that was loaded, by name, names being those after {@link Loading#rename}.
 *
 * @param loaded the parameters that have the file's values now
 * @param missing the parameters that the file has no tensor for; they are as before
 * @param unexpected the tensors of the file that are no parameters; they were not read
 * @param cast the types, as {@code F16}, of loaded tensors that became float32
 * @param near for missing names the unexpected ones that may have been meant: of the same shape and spelt nearly alike
 */
public record LoadReport(
        List<String> loaded,
        List<String> missing,
        List<String> unexpected,
        Map<String, String> cast,
        Map<String, String> near) {
    /** Whether each parameter has a value of the file, and each tensor of the file is a parameter. */
    public boolean complete() {
        return missing.isEmpty() && unexpected.isEmpty();
    }

    /** The counts, and the names of what is missing, unexpected or was cast. */
    @Override
    public String toString() {
        return Errors.report(this);
    }
}
