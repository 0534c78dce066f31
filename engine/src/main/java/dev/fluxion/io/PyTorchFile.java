package dev.fluxion.io;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Named tensors in a file as {@code torch.save(model.state_dict(), "weights.pth")} writes it and {@code torch.load} reads
 * it, since PyTorch 1.6: a zip archive with a pickle. No Python is needed, and nothing of the pickle is run: a file may
 * hold tensors, numbers, texts, lists and dictionaries; one with any other object is refused.
 *
 * <p>Half precision, bfloat16 and double become float32, boolean and integers int32; a number that does not fit is
 * refused. Tensors may be views that share their storage. Where the file holds a checkpoint, its {@code state_dict},
 * {@code model_state_dict} or {@code model} is taken, else the only dictionary of tensors. A {@code module.} or
 * {@code _orig_mod.} in front of all names is left out.
 */
public final class PyTorchFile {
    private static final Logger LOG = LoggerFactory.getLogger(PyTorchFile.class);

    private PyTorchFile() {}

    /** Whether a file is called as PyTorch's are: {@code .pth} or {@code .pt}, in letters of any case. */
    public static boolean isNamedSo(Path file) {
        String name = Given.require("isNamedSo", "the file", file).toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".pth") || name.endsWith(".pt");
    }

    /**
     * Writes tensors in the order of the map, as a state dict. As with {@link SafeTensors#write(Path, Map)}, the file
     * appears when it is complete and on the disk.
     *
     * @throws TensorFileException if the file cannot be written
     * @throws IllegalArgumentException if a name is not valid Unicode, or a tensor too large
     */
    public static void write(Path file, Map<String, Tensor> tensors) throws TensorFileException {
        Given.require("write", "the file", file);
        Given.require("write", "the map of tensors", tensors);
        TorchWriter writer = new TorchWriter(tensors);
        Replacement.replace(file, writer::write);
    }

    /**
     * The tensors of a file in their order; the map can be changed. Tensors of types that cannot be read, as complex
     * numbers, and of 2 GiB or more are left out, which the log tells.
     *
     * @param keys lead to a dictionary of tensors within a checkpoint, as {@code "model_ema"}; without any it is found
     * @throws TensorFileException if the file is missing, is no PyTorch file, is damaged, holds an object that is not
     *     read, or a tensor holds NaN or a number that does not fit
     */
    public static Map<String, Tensor> read(Path file, String... keys) throws TensorFileException {
        return read(file, false, List.of(Given.require("read", "the keys", keys)));
    }

    /**
     * The tensors of a file as {@link #read} gives them, with NaN.
     *
     * @throws TensorFileException under the same conditions, but for NaN
     */
    public static Map<String, Tensor> readWithNaN(Path file, String... keys) throws TensorFileException {
        return read(file, true, List.of(Given.require("read", "the keys", keys)));
    }

    private static Map<String, Tensor> read(Path file, boolean withNaN, List<String> keys) throws TensorFileException {
        return TorchFile.read(file, keys, from -> {
            List<String> problems = new ArrayList<>();
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (TorchFile.Entry entry : from.entries().values()) {
                Description what = entry.what();
                if (what.problem().isPresent()) {
                    problems.add(what.problem().get());
                } else {
                    tensors.put(what.name(), read(file, from, entry, withNaN));
                }
            }
            if (!problems.isEmpty()) {
                LOG.warn(Errors.leftOut(file, problems));
            }
            return tensors;
        });
    }

    private static Tensor read(Path file, TorchFile from, TorchFile.Entry entry, boolean withNaN) throws IOException {
        Tensor tensor = from.tensor(entry);
        int nan = withNaN ? -1 : Finite.firstNaN(tensor);
        if (nan >= 0) {
            throw new TensorFileException(file, Errors.isNaN(entry.what().name(), tensor.shape(), nan));
        }
        return tensor;
    }
}
