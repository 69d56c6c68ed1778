"""The generator: a folder of Markdown becomes a static shop window and the catalogue that the order desk reads."""
