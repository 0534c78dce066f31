package dev.fluxion.io;

import dev.fluxion.ir.Given;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the dictionary of tensors in what a PyTorch file holds, which may be a checkpoint with other things. */
final class StateDict {
    /** Where people put it. */
    private static final List<String> USUAL = List.of("state_dict", "model_state_dict", "model");
    /** What DataParallel, and what torch.compile, puts in front of all names. */
    private static final List<String> WRAPPERS = List.of("module.", "_orig_mod.");

    private StateDict() {}

    /**
     * The tensors by name, in their order.
     *
     * @param keys leads to the dictionary; if it is empty, the dictionary is looked for
     */
    static Map<String, TorchView> of(Path file, Object root, List<String> keys) throws TensorFileException {
        if (!(root instanceof Map<?, ?> dictionary)) {
            throw new TensorFileException(file, TorchErrors.noDictionary());
        }
        return unwrapped(keys.isEmpty() ? found(file, dictionary) : tensors(follow(file, dictionary, keys)));
    }

    private static Map<?, ?> follow(Path file, Map<?, ?> root, List<String> keys) throws TensorFileException {
        Map<?, ?> at = root;
        for (String key : keys) {
            if (!(at.get(Given.require("read", "a key", key)) instanceof Map<?, ?> inner)) {
                throw new TensorFileException(file, TorchErrors.noKey(key, dictionaries(at)));
            }
            at = inner;
        }
        return at;
    }

    private static Map<String, TorchView> found(Path file, Map<?, ?> root) throws TensorFileException {
        Map<String, Map<String, TorchView>> inner = new LinkedHashMap<>();
        for (String key : dictionaries(root)) {
            Map<String, TorchView> tensors = root.get(key) instanceof Map<?, ?> map ? tensors(map) : Map.of();
            if (!tensors.isEmpty()) {
                inner.put(key, tensors);
            }
        }
        for (String key : USUAL) {
            if (inner.containsKey(key)) {
                return inner.get(key);
            }
        }
        Map<String, TorchView> own = tensors(root);
        if (!own.isEmpty() || root.isEmpty()) {
            return own;
        }
        if (inner.isEmpty()) {
            throw new TensorFileException(file, TorchErrors.noDictionary());
        }
        if (inner.size() > 1) {
            throw new TensorFileException(file, TorchErrors.severalDictionaries(inner.keySet()));
        }
        return inner.values().iterator().next();
    }

    private static Collection<String> dictionaries(Map<?, ?> from) {
        List<String> keys = new ArrayList<>();
        from.forEach((key, value) -> {
            if (key instanceof String name && value instanceof Map) {
                keys.add(name);
            }
        });
        return keys;
    }

    private static Map<String, TorchView> tensors(Map<?, ?> from) {
        Map<String, TorchView> tensors = new LinkedHashMap<>();
        from.forEach((key, value) -> {
            if (key instanceof String name && value instanceof TorchView view) {
                tensors.put(name, view);
            }
        });
        return tensors;
    }

    private static Map<String, TorchView> unwrapped(Map<String, TorchView> tensors) {
        for (String wrapper : WRAPPERS) {
            if (!tensors.isEmpty() && tensors.keySet().stream().allMatch(name -> name.startsWith(wrapper))) {
                Map<String, TorchView> inner = new LinkedHashMap<>();
                tensors.forEach((name, view) -> inner.put(name.substring(wrapper.length()), view));
                return unwrapped(inner);
            }
        }
        return tensors;
    }
}
