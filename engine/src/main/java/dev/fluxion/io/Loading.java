package dev.fluxion.io;

import dev.fluxion.Tensor;
import dev.fluxion.io.Header.Entry;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * How a file is loaded into a model: {@code model.load(file, Loading.strict().rename(n -> n.replace("module.", "")))}. Names
 * and shapes are compared before any data is read, and nothing changes unless all that is loaded fits.
 *
 * @param names makes a parameter's name of a tensor's; at first it is the same
 * @param lenient whether parameters may be missing in the file and tensors be no parameters, at first not
 * @param anyNumber whether NaN and infinities are taken, at first not
 */
public record Loading(UnaryOperator<String> names, boolean lenient, boolean anyNumber) {
    private static final Loading STRICT = new Loading(name -> name, false, false);

    /** Checks that there is a function for names. */
    public Loading {
        Given.require("Loading", "the function for names", names);
    }

    /** Each parameter needs a tensor, each tensor a parameter, and all numbers must be finite. */
    public static Loading strict() {
        return STRICT;
    }

    /** This, with another name for each tensor: the function takes the name that it has so far. */
    public Loading rename(UnaryOperator<String> rename) {
        Given.require("rename", "the function for names", rename);
        return new Loading(tensor -> rename.apply(name(tensor)), lenient, anyNumber);
    }

    /** The name of the parameter that a tensor is for. */
    String name(String tensor) {
        return Given.require("rename", "the new name of '" + Errors.name(tensor) + "'", names.apply(tensor));
    }

    /** This, leaving parameters that are missing in the file as they are and tensors that are no parameters unread. */
    public Loading partial() {
        return new Loading(names, true, anyNumber);
    }

    /** This, with NaN and infinities taken as they are, as to see where they come from. */
    public Loading withNaN() {
        return new Loading(names, lenient, true);
    }

    /**
     * Reads those tensors of a file that fit parameters. Its content tells what it is.
     *
     * @param file a safetensors file, or PyTorch's, of which {@link PyTorchFile} tells more
     * @param parameters the shapes of the parameters by name
     * @param to takes the values, by the name of the parameter, if all is well
     * @throws TensorFileException if the file cannot be read or is none of these, or a number does not fit
     * @throws IllegalArgumentException if what it holds does not fit the parameters; all that does not is named
     */
    public LoadReport load(Path file, Map<String, Shape> parameters, Consumer<Map<String, Tensor>> to)
            throws TensorFileException {
        if (TorchFile.is(Given.require("load", "the file", file))) {
            return TorchFile.read(file, List.of(), from -> {
                Function<TorchFile.Entry, Offer<IOException>> offer =
                        entry -> Offer.of(entry.what(), () -> from.tensor(entry));
                return new Match<>(this, Errors.ofFile(file), parameters, from.entries(), offer).take(to);
            });
        }
        return TensorFile.read(file, from -> {
            Function<Entry, Offer<IOException>> offer = entry -> Offer.of(entry.what(), () -> from.tensor(entry));
            return new Match<>(this, Errors.ofFile(file), parameters, from.entries(), offer).take(to);
        });
    }

    /**
     * Takes those of some tensors that fit parameters; null stands for no tensor.
     *
     * @param tensors what was read from a file, or made of it
     * @param parameters the shapes of the parameters by name
     * @param to takes the values, by the name of the parameter, if all is well
     * @throws IllegalArgumentException if something does not fit the parameters; all that does not is named
     */
    public LoadReport load(
            Map<String, Tensor> tensors, Map<String, Shape> parameters, Consumer<Map<String, Tensor>> to) {
        Map<String, Tensor> there = new LinkedHashMap<>();
        Given.require("load", "the map of values", tensors).forEach((name, tensor) -> {
            if (tensor != null) {
                there.put(Given.require("load", "the name of a value", name), tensor);
            }
        });
        Function<Tensor, Offer<RuntimeException>> offer = Offer::of;
        return new Match<>(this, "", parameters, there, offer).take(to);
    }
}
