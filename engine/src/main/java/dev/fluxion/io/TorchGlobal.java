package dev.fluxion.io;

import dev.fluxion.io.Pickle.Tuple;
import dev.fluxion.io.TorchView.Storage;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The names that a pickle of weights may mention: the two functions that make tensors, the dictionary, and the storages,
 * whose names are their element types.
 *
 * @param type the element type of a storage, else empty
 */
record TorchGlobal(String name, String type) {
    private static final String REBUILD = "torch._utils._rebuild_tensor_v2";
    private static final String PARAMETER = "torch._utils._rebuild_parameter";
    private static final String DICTIONARY = "collections.OrderedDict";
    private static final String STORAGE = "Storage";
    private static final int MOST_AXES = 64;
    /** The arguments of a tensor with marks, such as {@code neg}, which says that its numbers are those of the storage negated. */
    private static final int MARKED = 7;

    private static final Map<String, Type> TYPES = Map.of(
            "Half", Type.F16,
            "BFloat16", Type.BF16,
            "Float", Type.F32,
            "Double", Type.F64,
            "Bool", Type.BOOL,
            "Byte", Type.U8,
            "Char", Type.I8,
            "Short", Type.I16,
            "Int", Type.I32,
            "Long", Type.I64);

    /** Makes what they stand for. */
    record Making(PickleBytes in) {
        <T> T as(Class<T> type, Object value) throws IOException {
            if (!type.isInstance(value)) {
                throw in.bad(TorchErrors.expected("a " + type.getSimpleName().toLowerCase(Locale.ROOT)));
            }
            return type.cast(value);
        }

        TorchGlobal global(String module, String name) throws IOException {
            String path = module + "." + name;
            if (path.equals(REBUILD) || path.equals(PARAMETER) || path.equals(DICTIONARY)) {
                return new TorchGlobal(path, "");
            }
            if (module.equals("torch") && name.endsWith(STORAGE)) {
                String element = name.substring(0, name.length() - STORAGE.length());
                Type type = TYPES.get(element);
                return new TorchGlobal(path, type == null ? element : type.name());
            }
            throw in.refused(TorchErrors.global(path));
        }

        /** The storage of {@code ("storage", type, key, device, elements)}. */
        Storage storage(Tuple id) throws IOException {
            List<Object> items = items(id, 5, 5);
            TorchGlobal type = as(TorchGlobal.class, items.get(1));
            if (!items.get(0).equals("storage") || type.type().isEmpty()) {
                throw in.bad(TorchErrors.expected("a storage"));
            }
            return new Storage(type.type(), as(String.class, items.get(2)), extent(items.get(4)));
        }

        Object call(Object function, Tuple arguments) throws IOException {
            return switch (as(TorchGlobal.class, function).name()) {
                case REBUILD -> tensor(items(arguments, MARKED - 1, MARKED));
                case PARAMETER -> as(TorchView.class, items(arguments, 3, 3).get(0));
                case DICTIONARY -> dictionary(items(arguments, 0, 0));
                default -> throw in.bad(TorchErrors.expected("a function that makes a tensor or a dictionary"));
            };
        }

        private static Map<Object, Object> dictionary(List<Object> none) {
            return new LinkedHashMap<>(none.size());
        }

        /** The tensor of {@code (storage, offset, shape, strides, gradient, hooks, marks)}; the last may be left out. */
        private TorchView tensor(List<Object> items) throws IOException {
            long[] shape = extents(as(Tuple.class, items.get(2)));
            long[] strides = extents(as(Tuple.class, items.get(3)));
            if (shape.length != strides.length) {
                throw in.bad(TorchErrors.expected("a stride for each axis"));
            }
            Storage storage = as(Storage.class, items.get(0));
            boolean marked = items.size() == MARKED
                    && as(Map.class, items.get(MARKED - 1)).containsValue(true);
            return new TorchView(marked ? storage.marked() : storage, extent(items.get(1)), shape, strides);
        }

        private List<Object> items(Tuple tuple, int least, int most) throws IOException {
            int count = tuple.items().size();
            if (count < least || count > most) {
                throw in.bad(TorchErrors.expected(least + " arguments"));
            }
            return tuple.items();
        }

        private long[] extents(Tuple numbers) throws IOException {
            long[] extents = new long[items(numbers, 0, MOST_AXES).size()];
            for (int i = 0; i < extents.length; i++) {
                extents[i] = extent(numbers.items().get(i));
            }
            return extents;
        }

        private long extent(Object number) throws IOException {
            long extent = as(Long.class, number);
            if (extent < 0) {
                throw in.bad(TorchErrors.expected("a number that is not negative"));
            }
            return extent;
        }
    }
}
