package dev.fluxion.dsl.train;

import dev.fluxion.Tensor;
import dev.fluxion.io.PyTorchFile;
import dev.fluxion.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Writes weights in the format that a file's name asks for. */
final class WeightFile {
    private WeightFile() {}

    static void write(Path file, Map<String, Tensor> weights, Map<String, String> metadata) throws IOException {
        if (!PyTorchFile.isNamedSo(file)) {
            SafeTensors.write(file, weights, metadata);
        } else if (metadata.isEmpty()) {
            PyTorchFile.write(file, weights);
        } else {
            throw new IllegalArgumentException(FileErrors.textsInPyTorchFile(file));
        }
    }
}
