"""The store on a real file: what it promises to the engine and to the chat, and to whoever starts it twice."""
